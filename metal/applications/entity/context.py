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

DEALERS = listed(
    """
    CFO chairman chairwoman founder co-founder entrepreneur businessman businesswoman banker executive investor owner
    CEO financier industrialist tycoon magnate broker analyst economist trader president treasurer manager
    """
)
"""What business people are called."""

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
    bought produced introduced supplied constructed licensed sponsored launched delivered run
    """
)
"""What stands before "by" where a firm follows."""

POLITICS = listed(
    """
    election elections elected re-elected electoral reelection ballot vote votes voters party parliament parliamentary
    minister ministry senate senator congress congressional legislature legislative cabinet governor mayor presidency
    presidential coalition constituency coup reign reigned throne dynasty kingdom empire monarch crowned heir
    caliphate abdicated succession treaty decree vetoed ambassador campaign candidate nominee Democratic Republican
    Labour Conservative Liberal government impeachment politician political councillor legislation statute sultanate
    emperor
    """
)
"""Words of sentences about politics and rule."""

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

WAR = listed(
    """
    battle regiment battalion brigade squadron infantry cavalry artillery commanded commander troops wounded killed
    enemy bomber fighter pilot navy battalions gallantry siege corps wing Luftwaffe sortie raid surrendered ace
    """
)
"""Words of sentences about war."""

BUSINESS = listed(
    """
    company companies subsidiary subsidiaries acquired acquisition merger merged CEO shares shareholders stock revenue
    profit profits sales customers manufacturer manufactured manufacturing manufacture products product brand brands
    corporation corporate investors startup headquartered airline airlines flights fleet label records distributor
    distribution retailer stores factory plant licence licensed patents bankrupt bankruptcy contract employees
    chairman executive software hardware console smartphone engine engines model models vehicles cars locomotives
    passengers announced launched commercial business industry market marketed supplier sponsor franchise studio
    releasing leased
    """
)
"""Words of sentences about business."""

SPORT = listed(
    """
    season seasons match matches game games coach coached goal goals scored scoring league cup championship
    championships champion champions title playoff playoffs play-offs club football soccer basketball baseball hockey
    rugby cricket tournament stadium player players team teams draft drafted quarterback pitcher defeated beat win
    wins won loan transfer debut midfielder striker defender innings wickets batting squad roster signed finals
    semi-final semifinal relegated promoted coaching touchdown yards overtime NFL NBA
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
