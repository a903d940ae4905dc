"""Dictionaries of organizations: words of their names, public bodies, teams, places that play."""

from __future__ import annotations

from metal.applications.entity.listed import listed

COMPANY_FORMS = listed(
    """
    Inc Inc. Incorporated Ltd Ltd. Limited LLC L.L.C PLC plc Plc LLP Corp Corp. Corporation Co Co. Company Companies
    GmbH A.G. S.A S.A. SpA S.p.A. Oy Oyj A/S A N.V. NV B.V. BV K.K. Pty Pvt Bros Bros. Brothers Group Holdings Holding
    Enterprises Kaisha Zaibatsu
    """
)
"""Legal forms, and words that only firms are called by."""

TRADES = listed(
    """
    Aerospace Aircraft Airline Airlines Airways Aviation Apparel Automobile Automobiles Automotive Bakery Bancorp Bank
    Beverages Biotech Breweries Brewery Brewing Builders Cable Cars Cement Chemical Chemicals Cinemas Coaches Coal
    Communications Computer Computers Consulting Cosmetics Dairy Diesel Distillery Drinks Electric Electronics Energy
    Engineering Engines Entertainment Express Fashions Films Finance Financial Foods Freight Games Gas Garments Hotels
    Industries Industrial Insurance Interactive Jewelers Laboratories Lines Locomotive Logistics Manufacturing Markets
    Mills Mines Mining Mobile Motor Motors Networks Nuclear Oil Optical Outfitters Packaging Pictures Petroleum Pharma
    Pharmaceutical Pharmaceuticals Plastics Products Productions Properties Publishers Publishing Publications Rail
    Rails Railroad Railway Railways Realty Recordings Records Restaurants Retail Robotics Rubber Savings Securities
    Semiconductor Shipbuilding Shipping Shipyard Shoes Software Solutions Steel Steamship Stores Studio Studios
    Supermarkets Systems Tanneries Telecom Technologies Technology Textile Textiles Tobacco Tools Toys Trading Trains
    Trucks Utilities Vacations Watches Wines Wireless Works
    """
)
"""What a firm makes or deals in, as a word of its name."""

SCHOOLING = listed(
    """
    Academy Academies Campus College Colleges Conservatory Conservatoire Elementary Faculty Fraternity Gymnasium
    Hochschule Institute Institut Kindergarten Lyceum Lycée Madrasa Polytechnic Sorority School Schools Seminary
    Universidad Università Universität Université Universities University Harvard Yale Princeton Stanford Cornell MIT
    UCLA Oxford Cambridge Berkeley Caltech Dartmouth Eton Juilliard Rutgers Vassar Georgetown Purdue
    """
)
"""Words of the names of schools and universities."""

BODIES = listed(
    """
    Administration Agency Alliance Army Assembly Association Associations Authority Battalion Board Brigade Bureau
    Cabinet Cathedral Chamber Charity Choir Chorus Church Coalition Commission Committee Commonwealth Confederation
    Congregation Congress Corps Council Court Department Diocese Directorate Division Embassy Federation Fleet Force
    Forces Forum Foundation Front Fund Gallery Government Guard Guild Hospital House Infantry Initiative Institution
    Legion Legislature Library Lodge Luftwaffe Marines Militia Ministry Mission Monastery Movement Museum Navy
    Observatory Office Order Orchestra Organisation Organization Panel Parliament Party Patrol Police Program Project
    Regiment Registry Religious Safety Secretariat Senate Service Services Society Squadron Symphony Synod Task Theatre
    Treasury Tribunal Trust Union Unit Wehrmacht Battery Fire Workers Women Youth Boys Girls Band Ensemble Quartet
    Labour Liberals Liberal Conservatives Conservative Democrats Democratic Republicans Republican Communist Communists
    Socialist Socialists Social Greens Nazi Nazis Whigs Whig Tory Tories Christianity Islam Judaism Buddhism Hinduism
    Catholic Catholics Methodist Methodists Baptist Anglican Presbyterian Lutheran Protestant Orthodox Jesuits Jesuit
    Confederate Confederates Allies Gestapo Taliban Templar Freemasons Scouts Scout Salvation Parliamentary Bar League
    Nations Royal
    """
)
"""Words of the names of public bodies, churches, forces, unions, societies and the like."""

MEDIA = listed(
    """
    Bulletin Channel Chronicle Courier Daily Digest Examiner Gazette Globe Guardian Herald Independent Inquirer Journal
    Magazine Mirror Morning News Newspaper Newsweek Observer Post Radio Review Standard Star Sun Telegraph Television
    Times Tribune TV Weekly World Variety Billboard Rolling Time Network Letters Le El Der Die
    """
)
"""Words of the names of newspapers, magazines and stations."""

CLUBS = listed(
    """
    A.F.C AFC Athletic Athletics Basketball CF Club Cricket F.C FC Football Hockey Hotspur League Premiership Racing
    Rangers Real Rovers RC Rugby SC Sporting Sport Sports Team United Wanderers Wednesday XI XV City Town County Albion
    Villa Palace Athletico Atlético Hibernian Ladies NFL NBA MLB NHL Open Masters Grand Olympics Olympic FIFA UEFA
    Premier Champions National Series Conference Championship Tour Liga Serie Bundesliga Division Cup Cycling Baseball
    Softball Volleyball Athlétic Deportivo Dynamo Dinamo Olympique Spartak Borussia Juventus Chelsea Galatasaray
    Fenerbahçe Feyenoord PSV Anderlecht Olympiacos Flamengo Boca Arsenal Liverpool Everton Barcelona Ajax Benfica
    Celtic Porto Milan Inter
    """
)
"""Words of the names of sports clubs and leagues."""

TEAMS = listed(
    """
    49ers 76ers Angels Astros Athletics Avalanche Badgers Bears Bengals Bills Blackhawks Blazers Bluejays Blues Bobcats
    Braves Brewers Broncos Browns Bruins Buccaneers Buckeyes Bucks Bulldogs Bulls Canadiens Canucks Capitals Cardinals
    Cavaliers Celtics Chargers Chiefs Clippers Colts Cougars Cowboys Coyotes Crusaders Cubs Devils Diamondbacks Dodgers
    Dolphins Dragons Ducks Eagles Falcons Flames Flyers Giants Gators Grizzlies Hawkeyes Hawks Heat Hornets Huskies
    Hurricanes Indians Jaguars Jayhawks Jazz Jets Kings Kangaroos Knicks Knights Lakers Lightning Lions Longhorns Magic
    Magpies Maple Mariners Marlins Mavericks Mets Mustangs Nationals Nets Nuggets Oilers Orioles Pacers Packers Padres
    Panthers Patriots Pelicans Penguins Phillies Pirates Pistons Predators Raiders Rams Raptors Ravens Rays Rebels
    Redskins Reds Roosters Royals Sabres Saints Seahawks Senators Sharks Sonics Sox Spartans Spurs Stars Steelers
    Stampeders Suns Tigers Timberwolves Titans Trojans Twins Vikings Volunteers Wallabies Warriors Wildcats Wizards
    Wolverines Wolves Yankees Springboks Swans Bombers Demons Cyclones
    """
)
"""Last words of the names of teams."""

PLACES = listed(
    """
    Albania Algeria Argentina Australia Austria Bangladesh Belgium Bolivia Brazil Britain Bulgaria Cameroon Canada
    Chile China Colombia Croatia Cuba Cyprus Czechoslovakia Denmark Ecuador Egypt England Estonia Fiji Finland France
    Germany Ghana Greece Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan Kenya Kuwait
    Latvia Lebanon Lithuania Malaysia Malta Mexico Morocco Netherlands Nigeria Norway Pakistan Panama Paraguay Peru
    Poland Portugal Qatar Romania Russia Samoa Scotland Senegal Serbia Slovakia Slovenia Spain Sweden Switzerland Syria
    Thailand Tonga Tunisia Turkey Ukraine Uruguay Venezuela Vietnam Wales Yugoslavia Zambia Zimbabwe Queensland
    Yorkshire Lancashire Surrey Kent Sussex Essex Middlesex Somerset Glamorgan Hampshire Nottinghamshire Warwickshire
    Worcestershire Leicestershire Munster Victoria Tasmania Canterbury Wellington Otago Auckland Alabama Arizona
    Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas
    Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada
    Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Washington Wisconsin Wyoming Atlanta
    Baltimore Boston Brooklyn Buffalo Charlotte Chicago Cincinnati Cleveland Dallas Denver Detroit Edmonton Houston
    Indianapolis Memphis Miami Milwaukee Minneapolis Montreal Nashville Oakland Ottawa Philadelphia Phoenix Pittsburgh
    Portland Sacramento Seattle Tampa Toledo Toronto Tulsa Vancouver Winnipeg Calgary Syracuse Rochester Aberdeen
    Barnsley Birmingham Blackburn Blackpool Bolton Bournemouth Bradford Brentford Brighton Bristol Burnley Bury Cardiff
    Coventry Derby Dundee Fulham Gillingham Halifax Huddersfield Hull Ipswich Leeds Leicester London Luton Manchester
    Middlesbrough Millwall Newcastle Northampton Norwich Nottingham Oldham Perth Plymouth Portsmouth Preston Reading
    Rochdale Rotherham Salford Sheffield Southampton Stockport Stoke Sunderland Swansea Swindon Warrington Watford
    Wigan Wolverhampton Wrexham York Adelaide Brisbane Carlton Collingwood Essendon Fremantle Geelong Melbourne
    Parramatta Richmond Sydney Amsterdam Athens Barcelona Belgrade Berlin Bologna Bordeaux Bremen Cologne Copenhagen
    Dortmund Dresden Florence Frankfurt Genoa Hamburg Istanbul Kyiv Lazio Leipzig Leverkusen Lille Lisbon Lyon Madrid
    Marseille Milan Monaco Moscow Munich Nantes Naples Napoli Nice Palermo Paris Parma Porto Rome Roma Rotterdam
    Seville Sevilla Stuttgart Torino Toulouse Turin Udinese Valencia Verona Vienna Villarreal Warsaw Zagreb Zaragoza
    Zurich
    """
)
"""Countries, states, counties, cities: as the name of an organization they are the team that plays for them."""

ACRONYMS = listed(
    """
    ABC ACC ACLU AFL AFL-CIO ALP ANC BBC BJP CBC CDC CFL CIA CNN CPI CSIRO DEA DOD DOJ EPA ESA ESPN EU FA FAA FAO FBI
    FCC FDA FIA FIBA FIDE FIFA FLN FTC HBO IAAF ICC IEEE ILO IMF INC IOC IRA IRS ISO ITU ITV KGB KMT MLB MLS MTV NAACP
    NASA NASCAR NATO NBA NBC NCAA NFL NHL NHS NIH NKVD NOAA NPR NRA NSA NSF NYPD OAS OECD OPEC PBS PGA PLO PRI PTA RAAF
    RAF RCMP RNA SEC SNP SPD SS TUC UCI UEFA UFC UK UKIP UN UNESCO UNICEF USAAF USAF USDA USGS USMC USN USSR VFL WBA
    WHO WNBA WTO WWE WWF YMCA
    """
)
"""Public bodies, parties, leagues and stations that go by their initials."""

STATIONS = listed(
    """
    ABC ABS-CBN AMC Antena ARD Arte Aljazeera BBC Bravo BSkyB CBC CBS Cinemax CNBC CNN C-SPAN CTV CW Dave Discovery
    ESPN Eurosport Fox FX GMA Globo HBO Hulu ITV KBS Lifetime MBC MTV MSNBC NBC NDTV NHK Nickelodeon NPR ORF PBS Quest
    RAI RTÉ RTL RTVE SBS Showtime Sky Spike Starz Syfy TBS Telemundo Televisa Teletoon TF1 TLC TNT TVB TVE TVN
    Univision VH1 VRT WWE YLE ZDF AFP Interfax Reuters TASS Xinhua Pravda Izvestia Bild Corriere Spiegel Figaro
    Libération Monde País Stampa Zeit Zeitung Asahi Mainichi Yomiuri Haaretz Allmusic AllMusic Pitchfork IGN GameSpot
    GamesRadar Eurogamer Famitsu Kerrang NME PopMatters Slate Salon Vox Vice Wired Esquire Forbes Fortune Vogue Elle
    Cosmopolitan GQ Playboy Punch Nature Science Lancet Economist Spectator Nation Newsday Politico BuzzFeed Gawker
    HuffPost Breitbart Metacritic
    """
)
"""First or last words of the names of stations, agencies, papers and magazines that everybody knows."""

PEOPLES = listed(
    """
    African Albanian Algerian American Americans Anglo Arab Arabian Argentine Argentinian Armenian Asian Australian
    Austrian Bavarian Belgian Bengali Bolivian Bosnian Brazilian British Bulgarian Burmese Canadian Caribbean Catalan
    Chilean Chinese Colombian Croatian Cuban Czech Danish Dutch Egyptian English Estonian Ethiopian European Filipino
    Finnish Flemish French Georgian German Greek Hawaiian Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish
    Israeli Italian Jamaican Japanese Jewish Kenyan Korean Latin Latvian Lebanese Libyan Lithuanian Malaysian Maltese
    Mexican Mongolian Moroccan Nepalese Nigerian Norwegian Ottoman Pakistani Palestinian Persian Peruvian Philippine
    Polish Portuguese Prussian Romanian Russian Scandinavian Scottish Serbian Slovak Slovenian Somali Soviet Spanish
    Swedish Swiss Syrian Thai Tibetan Tunisian Turkish Ukrainian Venezuelan Vietnamese Welsh Yugoslav
    """
)
"""First words of the names of a country's bodies, teams and firms."""

FAITHS = listed(
    """
    Amish Anabaptist Anglicans Baptists Buddhist Buddhists Christian Christians Evangelical Evangelicals Freemason
    Hasidic Hindu Hindus Jain Jains Jew Jews Lutherans Mennonite Mennonites Mormon Mormons Muslim Muslims Parsi
    Presbyterians Protestants Puritan Puritans Quaker Quakers Sikh Sikhs Shia Sunni Sufi Adventist Adventists
    Pentecostal Calvinist Haredi Franciscan Franciscans Dominican Dominicans Benedictine Benedictines Cistercian
    Cistercians Bolshevik Bolsheviks Menshevik Mensheviks Jacobin Jacobins Marxist Marxists Fascist Fascists Peronist
    Zionist Zionists Unionist Unionists Nationalist Nationalists Loyalist Loyalists Royalist Royalists Mujahideen
    Hezbollah Hamas Fatah al-Qaeda ISIS ISIL Kuomintang Likud Congress Tamil Tories Ba'ath Sinn
    """
)
"""Followers of faiths and causes."""

PLAIN = listed(
    """
    Able Advanced Africa Air Alcoholics All America Americas Ancient Anonymous Arena Art Arts Asia Astronomical Aquatic
    Basin Bay Beach Bible Big Black Blood Bowl Bridge Bright Building Bull Camp Canal Cancer Care Castle Central Centre
    Center Chapter Chemistry Children Christmas Circle Circus Civil Classic Climate Coast Collective Colony Command
    Commerce Common Community Company Competition Cooperative Co-operative Crown Crystal Culture Cultural Dance Data
    Day Dead Deep Defence Defense Democracy Desert Detachment Development Digital Dragon Drama Dream Eagle Earth East
    Eastern Economic Economics Education Educational Electoral Elite Emergency Empire Engineers Environmental Equality
    Exchange Expedition Expeditionary External Family Farmers Federal Federated Festival Field First Five Flying
    Foreign Forest Four Free Freedom Friends Future Garden General Global Golden Great Green Gulf Hall Health
    Heavy High Historical Historic History Holy Home Honor Honour Human Ice Imperial Independent Inland Intelligence
    International Iron Joint Junction Justice Labor Lake Land Law Learning Legal Liberation Liberty Life Light Little
    Local Lunar Manor Medical Medicine Mental Metropolitan Middle Military Monetary Moon Mountain Municipal Museums
    Music Mutual National Natural Naval New North Northeastern Northern Northwest Northwestern Ocean Old Olympic One
    Open Opera Organic Outdoor Pacific Parade Peace Pension People People's Physical Physics Planet Planning Point
    Political Popular Power Primary Princess Professional Progressive Public Queer Radical Railroaders Reconstruction
    Red Reform Regional Relief Reserve Resistance Revenue Revolution Revolutionary Rights River Road Rock Rocket Rural
    Sacred Safe Salvation Sand Science Scientific Sea Secondary Secret Security Senior Seven Show Silver Sky Small Snow
    Solar Solidarity Sons South Southeastern Southern Southwest Southwestern Space Special Spirit Square State States
    Statistics Statistical Strategic Strategy Street Student Students Summer Support Supreme Swimming Tactical Tech
    Technical Temple Three Tiger Total Tower Trade Traffic Training Trees Troops Two Underground Unified Universal
    Urban Valley Veterans Victory Volunteer War Water Waterfront Weather Welfare West Western Wheel White Wild Wildlife
    Winter Wolf Wonder Worker Working Youth Zoo
    """
)
"""Plain words that few people are called by."""
