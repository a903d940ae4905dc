"""Words around a mention: titles before a name, and what the sentence is about."""

from __future__ import annotations

from metal.applications.entity.listed import listed

OFFICES = listed(
    """
    President Senator Sen Sen. Governor Gov Gov. Mayor Chancellor Premier Minister Congressman Congresswoman
    Representative Rep Rep. MP Councillor Councilman Commissioner Secretary Ambassador Alderman Speaker King Queen
    Emperor Empress Prince Princess Sultan Pharaoh Tsar Tsarina Czar Kaiser Shah Khan Caliph Emir Duke Duchess Earl
    Count Lord Viscount Baron Marquess Archduke Elector Regent Dictator Chairman Taoiseach president senator governor
    mayor chancellor premier minister politician congressman king queen emperor empress prince sultan pharaoh tsar
    monarch ruler statesman incumbent candidate deputy lawmaker legislator Democrat Republican leader Judge Justice
    """
)
"""What rulers and politicians are called before their name."""

RANKS = listed(
    """
    General Gen Gen. Colonel Col Col. Lieutenant Lt Lt. Captain Capt Capt. Major Maj Maj. Sergeant Sgt Sgt. Corporal
    Private Admiral Commodore Commander Marshal Brigadier Ensign Generalmajor Oberst Hauptmann Generalleutnant general
    colonel lieutenant captain major sergeant admiral commander marshal pilot soldier lieutenant-colonel
    """
)
"""What soldiers are called before their name."""

ARTS = listed(
    """
    actor actress animator architect artist author ballerina bassist biographer cartoonist cellist choreographer
    comedian composer conductor cinematographer critic dancer designer director documentarian dramatist drummer
    engraver essayist filmmaker guitarist historian illustrator journalist librettist lyricist musician novelist
    organist painter photographer pianist playwright poet printmaker producer rapper saxophonist screenwriter sculptor
    singer singer-songwriter songwriter soprano star tenor trumpeter violinist vocalist writer columnist master
    """
)
"""What artists are called before their name."""

CALLINGS = listed(
    """
    activist anthropologist archaeologist astronaut astronomer athlete baker barrister baseman biologist bishop Bishop
    Archbishop archbishop botanist boxer businessman businesswoman butcher Cardinal cardinal champion chaplain chef
    chemist cleric co-author coach coaches cornerback cricketer cyclist Deacon defenceman defender detective Detective
    disciple doctor driver DJ economist editor educator engineer entrepreneur evangelist explorer Father father
    feminist fighter footballer forward friar geologist goalkeeper goaltender golfer guard gymnast heiress historian
    host hostess hunter imam Imam inventor Inspector inspector instructor Jockey jockey journalist judge jurist lawyer
    lecturer linebacker linguist manager Mother Maestro maestro mathematician midfielder missionary model monk murderer
    naturalist neurologist nun nurse outlaw partner paleontologist Pastor pastor patriarch Patriarch peer
    philanthropist philosopher physician physicist pilot pitcher player point policeman Pope pope preacher presenter
    priest producer Professor professor Prof Prof. prophet psychiatrist psychologist publicist quarterback Rabbi rabbi
    racer rapper receiver referee reformer reporter Rev Rev. Reverend rider rival runner sailor Saint saint scholar
    scientist shortstop shogun Sister skater sociologist spokesman spokeswoman St St. striker student surgeon surveyor
    swimmer teacher teammate theologian translator trainer umpire vicar victim vocalist winger wizard wrestler
    zoologist Brother newcomer guest hero heroine character legend legendary
    """
)
"""What scholars, sportsmen, clergy and the like are called before their name."""

KIN = listed(
    """
    wife husband son sons daughter daughters brother brothers sister sisters father mother uncle aunt cousin nephew
    niece friend friends widow widower married grandson granddaughter grandfather grandmother colleague colleagues
    lover girlfriend boyfriend fiancée fiancé parents siblings mistress twin stepfather stepmother son-in-law
    father-in-law half-brother heir disciples pupil ancestor
    """
)
"""Kin and friends."""

DEALERS = listed(
    """
    CFO chairman chairwoman founder co-founder entrepreneur businessman businesswoman banker executive investor owner
    CEO financier industrialist tycoon magnate broker analyst economist trader president treasurer manager
    """
)
"""What business people are called."""

FIRMS = listed(
    """
    company companies firm firms manufacturer manufacturers automaker carmaker maker makers retailer retailers
    developer developers publisher publishers airline airlines carrier operator operators supplier suppliers label
    labels brand brands distributor studio studios giant conglomerate chain chains contractor brewery brewer broker
    builder builders shipbuilder shipyard competitor startup start-up bank banks insurer corporation franchise marque
    subsidiary division restaurant store stores supermarket supermarkets agency outlets brokerage bookmaker railroad
    utility consultancy dealer factory engineers sponsor vendor producer brewers
    """
)
"""What firms are called."""

MADE_BY = listed(
    """
    written directed composed painted produced sung performed recorded illustrated photographed choreographed sculpted
    edited novel book poem poems song songs film painting paintings portrait opera play album novels works story
    starring featuring arranged scored lyrics music screenplay drawn designed co-written
    """
)
"""What stands before "by" where an artist follows."""

SOLD_BY = listed(
    """
    published manufactured released distributed operated built marketed acquired purchased owned made developed sold
    bought produced introduced supplied constructed licensed sponsored launched delivered run merged rebranded renamed
    issued printed commissioned financed backed funded powered
    """
)
"""What stands before "by" where a firm follows."""

POLITICS = listed(
    """
    election elections elected re-elected electoral reelection ballot vote votes voters voted voting party parties
    parliament Parliament parliamentary minister ministers Minister ministry Ministry senate Senate senator Senator
    Senators congress Congress Congressional congressional congressman legislature Legislature legislative cabinet
    Cabinet governor Governor mayor Mayor presidency presidential Presidential coalition constituency coup ambassador
    campaign candidate candidates candidacy nominee nominated nomination Democratic Democrat Democrats Republican
    Republicans Labour Conservative Conservatives Liberal Liberals government governments impeachment politician
    politicians political councillor councillors legislation statute MP MPs MLA MSP MEP TD Knesset Duma Reichstag
    Bundestag Sejm Diet Politburo Communist Communists Socialist Nazi Nationalist leadership leader leaders deputy
    Deputy caucus caucuses primary primaries referendum premier Premier premiership chancellor Chancellor incumbent
    opposition delegates delegation endorsed endorsement opponent statesman secretary Secretary administration
    Administration lobbying vetoed bill treaty Treaty decree regime dictator revolutionaries assassination assassinated
    electorate backbench speaker bipartisan diplomat diplomatic seat seats defected Labor Tory Whig federalist
    governor-general resignation conservative liberal policies policy resigned sworn inaugurated inauguration
    """
)
"""Words of sentences about politics."""

RULE = listed(
    """
    king kings King Kings queen Queen emperor Emperor empress Empress emperors Pharaoh pharaoh tsar Tsar sultan Sultan
    sultanate caliph Caliph khan Khan shah Shah shogun monarch monarchs monarchy prince Prince princes princess
    Princess duke Duke dukes Duchess earl Earl count Count Countess margrave baron Baron lord Lord lords nobles noble
    nobility reign reigned reigning ruled ruler rulers throne dynasty Dynasty kingdom Kingdom empire Empire crown
    crowned coronation heir heirs caliphate abdicated abdication succession succeeded successor usurper regent regency
    vassal vassals tribute tribe tribes chieftain rebellion revolt rebels exile exiled overthrow overthrown deposed
    conquered conquest Ottoman Byzantine Roman Mughal Ming Qing Han Tang BC BCE royal Royal palace court courtiers
    pretender warlord satrap consul province provinces concubine archduke elector landgrave earldom duchy Duchy realm
    invaded invasion allied Mongol Mongols Parthian Persian Macedon Castile Aragon Burgundy Savoy
    """
)
"""Words of sentences about rulers of the past."""

ART = listed(
    """
    album albums song songs single singles film films novel novels book books poem poems poetry painting paintings
    painted sculpture portrait opera symphony concerto orchestra guitar piano vocals bass drums band singer actor
    actress director directed screenplay starring soundtrack lyrics composer composed score exhibition gallery art
    artist theatre stage Broadway musical music video tour concert recorded studio jazz rock pop fiction story author
    writer wrote written published editor illustrated comics television episode series cinema documentary Grammy Oscar
    critic literary
    """
)
"""Words of sentences about the arts."""

WORKS = listed(
    """
    album albums song songs singles film films novel novels poem poems poetry painting paintings painted sculpture
    opera symphony concerto orchestra guitar piano vocals bass drums band singer actor actress screenplay starring
    soundtrack lyrics composer exhibition artist artists Broadway musical music video concert jazz pop illustrated
    comics episode cinema documentary Grammy Oscar starred portrayed role roles character characters theatre stage
    fictional designed architect
    """
)
"""Words of works of art, which speak of the artist rather than of what the work is about."""

WAR = listed(
    """
    battle regiment battalion brigade squadron infantry cavalry artillery commanded commander troops wounded killed
    enemy bomber fighter pilot navy battalions gallantry siege corps wing Luftwaffe sortie raid surrendered ace
    """
)
"""Words of sentences about war."""

BUSINESS = listed(
    """
    company companies subsidiary subsidiaries acquired acquire acquires acquisition acquisitions merger merged CEO
    share shares shareholder shareholders stock stake stakes venture ventures revenue revenues profit profits sales
    sold sell sells selling sale customers consumer consumers manufacturer manufacturers manufactured manufacturing
    manufacture product products brand brands branded rebranded corporation corporate investor investors invested
    investment startup headquartered airline airlines flights fleet label labels records Records distributor
    distribution distributed distributors retailer retailers retail store stores shop shops supermarket supermarkets
    restaurant restaurants hotel hotels casino casinos factory factories plant plants licence licensed license patent
    patents bankrupt bankruptcy contract contracts employees employee chairman executive software hardware console
    consoles smartphone smartphones PC users engine engines model vehicle vehicles car cars locomotive locomotives
    railway railways Railway Railways passengers trains bus buses routes launched commercial business businesses
    industry market markets marketed marketing supplier suppliers sponsor sponsored franchise studio studios Studios
    Pictures Entertainment Interactive leased leasing owned owns owner owners ownership operated operates operating
    operator operators purchased purchase bought buyout firm firms assets chain chains Inc Inc. Ltd Ltd. LLC Co.
    Corporation Airlines Aircraft aircraft jet jets airliner developer developers million billion beer tobacco wine
    cigarette cigarettes food mining oil gas pharmaceutical financial bank banks banking loan debt equity insurance
    property properties chips processor app apps platform
    """
)
"""Words of sentences about business."""

SPORT = listed(
    """
    season seasons match matches game games coach coached goal goals scored scoring league cup championship
    championships champion champions title playoff playoffs play-offs club football soccer basketball baseball hockey
    rugby cricket tournament stadium player players team teams draft drafted quarterback pitcher defeated beat win wins
    won loan transfer debut midfielder striker defender innings wickets batting squad roster signed finals semi-final
    semifinal relegated promoted coaching touchdown yards overtime NFL NBA
    """
)
"""Words of sentences about sport."""

LEARNING = listed(
    """
    graduated graduate degree bachelor master's doctorate Ph.D PhD professor lecturer studied taught teaching student
    students campus faculty dean educated attended undergraduate alumni thesis research library scholarship fellow
    enrolled curriculum honorary tuition postdoctoral alumnus
    """
)
"""Words of sentences about study."""

PUBLIC = listed(
    """
    member members founded board committee president chair chaired headquarters charity nonprofit organization
    organisation mission volunteers church bishop movement union unions workers campaign conference council federation
    delegates commission policy police officers army government agency magazine newspaper reported reporter broadcast
    broadcasts aired station channel journal published editor columnist programme network
    """
)
"""Words of sentences about public bodies and the press."""
