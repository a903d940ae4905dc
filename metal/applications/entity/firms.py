"""Dictionaries of firms: companies by trade, record labels, and words that only the names of firms end in."""

from __future__ import annotations

from metal.applications.entity.listed import listed

MAKERS = listed(
    """
    Airbus Alcoa Alstom Antonov ArcelorMittal Armstrong-Siddeley Audi Austin-Healey Autodesk Avro BASF BAE Bayer
    Beechcraft Bentley BMW Boeing Bombardier Bosch Bugatti Buick Cadillac Caterpillar Cessna Chevrolet Chrysler Citroën
    Colt Convair Cosworth Curtiss Daewoo Daihatsu Daimler Daimler-Benz Dassault Datsun Dodge Dornier Ducati Dunlop
    DuPont Electrolux Embraer Fairchild Ferranti Ferrari Fiat Focke-Wulf Fokker Ford Fujifilm GEC GlaxoSmithKline
    Gloster Goodyear Grumman Harley-Davidson Hawker Heckler Heinkel Hitachi Holden Honda Honeywell Husqvarna Hyundai
    Ilyushin Isuzu Iveco Jaguar JCB Junkers Kawasaki Kia Koenigsegg Komatsu Krupp Lamborghini Lancia Leyland Lockheed
    Lotus Maserati Mattel Mazda McDonnell McLaren Mercedes Mercedes-Benz Merck Messerschmitt Michelin Mikoyan
    Mitsubishi Monsanto Navistar Nikon Nissan Northrop Novartis Oldsmobile Opel Otis Packard Pagani Peugeot Pfizer
    Philips Pilatus Pininfarina Pirelli Plymouth Polaris Pontiac Porsche Raytheon Remington Renault Roche Rolls-Royce
    Rover Saab Scania Siemens Sikorsky Škoda Skoda Stellantis Studebaker Subaru Sukhoi Supermarine Suzuki Tata Tesla
    ThyssenKrupp Toyota Triumph Tupolev Valeo Vauxhall Vickers Volkswagen Volvo Westinghouse Westland Winchester Yamaha
    Zagato Zeiss Zeppelin ZF AstraZeneca Sanofi Novo Genentech Amgen Gilead Biogen Moderna Medtronic Halliburton
    Schlumberger Bechtel Skanska Hochtief Vinci Lafarge Holcim Heineken Carlsberg Guinness Anheuser-Busch Budweiser
    Coca-Cola Pepsi PepsiCo Nestlé Danone Kraft Kellogg Unilever Cadbury Mars Ferrero Lindt Diageo Bacardi Revlon
    L'Oréal Gillette Lego Hasbro Adidas Nike Puma Reebok Gucci Prada Chanel Dior Versace Burberry Armani Hermès Rolex
    Cartier Tiffany Swarovski Levi Zara Uniqlo Steinway Fender Gibson Roland Korg Moog Casio Seiko Rheinmetall Thales
    Kongsberg Leonardo Finmeccanica Bharat Mahindra Maruti Bajaj Hero Khodro Proton Perodua Geely BYD Haier Hisense
    """
)
"""First words of the names of makers of cars, aircraft, machines, drugs, food and clothes."""

ELECTRONICS = listed(
    """
    Accenture Acer Activision Acclaim Adobe AMD Amazon Amstrad AOL Apple ARM Asus Atari Atlus AT&T Baidu Bandai
    Bethesda Blackberry BioWare Blizzard Bungie ByteDance Canon Capcom Cisco Codemasters Comcast Commodore Compaq Core
    Cray CrossCountry Dell DeviantArt eBay Ebay Eidos Enix Ericsson Facebook Flickr Foxconn FromSoftware Fujitsu
    GameStop GitHub GoDaddy Google Gameloft Grundig Groupon Hewlett-Packard HP HTC Huawei IBM Infogrames Infosys
    Instagram Intel Interplay JVC Kodak Koei Konami Kyocera Lenovo LG LinkedIn LucasArts Maxis Microsoft MicroProse
    Midway Mojang Motorola Mozilla Myspace Namco Naughty NEC Netflix Netscape Nintendo Nokia Nortel Novell Nvidia
    Obsidian Oracle Palm Panasonic PayPal Pinterest Pioneer PlayStation Polaroid Psygnosis Qualcomm Rare Realtek Reddit
    Rockstar SAP Samsung Sega Sharp Siri Skype SNK Snapchat Sony SoundCloud Spotify Square Steam Sun Symantec Taito TDK
    Tecmo Telltale Tencent Tektronix THQ TikTok Toshiba TSMC TSR Tumblr Twitch Twitter Uber Ubisoft Unisys Univac Valve
    Verizon Vimeo Vodafone WhatsApp Wikia Xerox Xiaomi Yahoo Yahoo! YouTube Zenimax Zynga Alibaba Airbnb Lyft Orange
    T-Mobile Telefónica Telenor Telia Telstra Optus Airtel Sprint BT Bell Rogers Telus Singtel Etisalat MTN
    """
)
"""The same of computers, games, telephones and the web."""

LABELS = listed(
    """
    A&M Arista Asylum ATO Atlantic Bloodshot Bluebird Brunswick Cadence Capitol Casablanca Charisma Chess Chrysalis
    Concord Creation Decca Def Deram Dischord Domino Dreamworks DreamWorks ECM Elektra EMI Epic Epitaph ESP-Disk
    Factory Fania Fueled Geffen Harvest Hyperion Immediate Impulse Interscope Island Jive Lava LaFace Loma MCA Matador
    Mercury Merge MGM Milan Monument Motown Mute Naxos Nettwerk Nonesuch Okeh Parlophone Philles Polydor PolyGram Pye
    Qwest Rak RCA Relapse Reprise Rhino Roadrunner Roc-A-Fella RSO Rykodisc Savoy Sire Specialty Stax Sub Supraphon
    Tamla Teldec Telarc Tzadik UMG Universal Vanguard Vee-Jay Verve Vertigo Virgin Vocalion Warner Warp WEA XL
    """
)
"""The same of record labels, where records are spoken of."""

SELLERS = listed(
    """
    Aeroflot Aldi Alitalia Allianz Amtrak Argos Arriva Asda Avianca Avis AXA Barclays BHP BP Blockbuster Caesars
    Carrefour Cathay Chase Chevron Citibank Citigroup Conrail Costco CSX CVS Debenhams Deloitte DHL Disney Emirates
    Enron Esso Etihad Eurostar Exxon ExxonMobil FedEx Finnair FirstGroup Flybe Gap Gazprom GE Getty Greyhound Harrods
    Hertz Hilton HMV Homebase HSBC Hyatt Iberia IKEA Ikea ING Isetan JetBlue JPMorgan Jollibee Kesko KFC KLM KPMG Kmart
    Kroger Ladbrokes Lidl Lionsgate Lloyds LOT Lucasfilm Lufthansa Lukoil Macy Maersk Marriott Marvel Matalan McDonald
    McDonalds McKinsey Metro-Goldwyn-Mayer MetLife MGM Miramax Morrisons Nasdaq Natwest Newmont Nordstrom Norsk Odeon
    Orix Paramount Pemex Petrobras Petronas Pixar PricewaterhouseCoopers Primark Prudential Qantas Rabobank Repsol RKO
    Rosneft Rothschild Ryanair Sabena Safeway Sainsbury Sainsburys SAS Santander Savoia Sears Selfridges Shell Sheraton
    Sinopec Sotheby Spar Stagecoach Starbucks Statoil Equinor Subway Sunoco Swissair Target TAP Tesco Texaco Thameslink
    TotalEnergies TUI UBS Unicredit UPS Vale Visa Vivendi Viacom Vueling Waitrose Walgreens Walmart Wendy Woolworth
    Woolworths easyJet Arby Burger Chipotle Denny Domino's Dunkin Popeyes Quiznos Wawa Cineworld Blackrock Berkshire
    AIG Aviva Aon Mastercard Moody Vanguard CN CP CPR BNSF VIA LNER LMS GWR Caltrain Northrail Govia Transdev Keolis
    Veolia Suez Enel Eni E.ON RWE EDF Engie Vattenfall Fortum PG&E ConEd Lehman Goldman Merrill Drexel Salomon Nomura
    Mizuho Sumitomo Mitsui Marubeni Itochu Daiei Seibu Tokyu Odakyu Hankyu Kintetsu Meitetsu Nankai Keio
    """
)
"""The same of shops, banks, carriers, hotels, restaurants, oil and film."""

COMPANIES = tuple(dict.fromkeys([*MAKERS, *ELECTRONICS, *SELLERS]))
"""The three together: first words of the names of companies that everybody knows."""

FIRM_ENDINGS = listed(
    """
    Air AB AG ASA KG SE Oyj Bahn Linhas Motorsport Petroleos Advertising Agro Airlink Animation Appliances Architects
    Artworks Associates Auctions Autos Aviation Balloons Beer Bikes Biosciences Books Bookstore Bookshop Brands
    Broadcasting Buses Business Cafe Café Capital Carriages Cars Casino Catering Chocolate Cigars Cinema Clothing Coach
    Coffee Comics Concepts Construction Consultants Containers Cosmetics Creations Creative Cruises Cycles Deli Depot
    Design Designs Developers Developments Digital Direct Distillers Distribution Distributors Drug Drugs
    Entertainments Estates Events Fabrics Farms Fashion Ferries Ferry Film Filmworks Fitness Flooring Foodservice
    Footwear Furnishings Furniture Genetics Glass Goldmines Graphics Groceries Grocers Hardware Healthcare Homes
    Hosting Hotel Imaging Imports Inn Insurers Internet Investment Investments Jewellers Knives Labs Leasing Leisure
    Linen Liquor Lumber Machinery Management Marine Marketing Materials Metals Media Merchants Microsystems Milk
    Mobility Mortgage Musical Nurseries Oilfield Online Optics Organics Paints Paper Partners Partnership Petro
    Petrochemicals Pharmacies Pharmacy Photographic Pizza Plc Porcelain Pottery Power Precision Press Printers Printing
    Propulsion Provisions Realtors Refinery Refining Rentals Resorts Resources Restaurant Roasters Sciences Ships Shop
    Shops Soft Sons Spirits Stationers Steakhouse Steelworks Storage Supplies Supply Tea Telekom Telecommunications
    Telefilms Telephone Telephones Therapeutics Timber Tires Tours Toons Trailers Transit Transport Transportation
    Travel Tyres Underwriters Vehicles Ventures Video Videogames Vineyards Water Wear Web Wholesale Winery Woodworks
    Yachts Aerospatiale Aeronautics Aeronautical Avionics Semiconductors Technologie Telecomunicaciones
    """
)
"""Last words of a firm's name that are as good as a trade."""

FIRMS_BY_NAME = (
    "Air Canada",
    "Air France",
    "Air India",
    "Air New Zealand",
    "American Express",
    "Aston Martin",
    "Bad Robot",
    "Bank of America",
    "Best Buy",
    "Big Finish",
    "British Airways",
    "British Leyland",
    "British Petroleum",
    "British Rail",
    "Burger King",
    "Canadian Pacific",
    "Canadian National",
    "Columbia Pictures",
    "Credit Suisse",
    "Dairy Queen",
    "De Havilland",
    "Def Jam",
    "Deutsche Bahn",
    "Deutsche Bank",
    "Deutsche Post",
    "Deutsche Telekom",
    "Electronic Arts",
    "Epic Games",
    "General Dynamics",
    "General Electric",
    "General Mills",
    "General Motors",
    "Goldman Sachs",
    "Great Western",
    "Hudson Soft",
    "Indian Railways",
    "International Harvester",
    "Japan Airlines",
    "Johnson & Johnson",
    "Lehman Brothers",
    "Marks & Spencer",
    "McDonald 's",
    "Morgan Stanley",
    "Network Rail",
    "Nuclear Blast",
    "Pan Am",
    "Pizza Hut",
    "Procter",
    "Rio Tinto",
    "Royal Dutch",
    "Rough Trade",
    "Southern Pacific",
    "Square Enix",
    "Standard Oil",
    "Sub Pop",
    "Taco Bell",
    "Texas Instruments",
    "Time Warner",
    "Tommy Hilfiger",
    "Trans World",
    "Union Pacific",
    "United Artists",
    "Universal Music",
    "US Airways",
    "US Steel",
    "Virgin Atlantic",
    "Virgin Australia",
    "Walt Disney",
    "Warner Bros",
    "Wells Fargo",
    "Western Union",
    "Whole Foods",
)
"""Companies known by more than one word."""
