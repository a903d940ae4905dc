"""Words that the sources know: names of people, places and peoples, titles, kinship, studies, work and enterprise.

General knowledge, none of it taken from the texts. Lists are separated by white space; `_` is a blank within an entry.
"""

from __future__ import annotations


def listed(entries: str) -> tuple[str, ...]:
    """Return the entries of a list."""
    return tuple(entry.replace("_", " ") for entry in entries.split())


def either(entries: str) -> str:
    """Return a pattern for any of the entries of a list, which may be patterns themselves."""
    return f"(?:{'|'.join(listed(entries))})"


MONTHS = either("January February March April May June July August September October November December")

HE_OR_SHE = listed(
    "He She he she Him Her him her His his Hers I i Me me My my Himself Herself who Who whom whose Whose"
)
IT = listed(
    "It it Its its itself which Which that That We we Us us Our our ours They they Them them Their their "
    "company Company organization Organization group Group firm Firm school School club Club university University"
)

FIRST_NAMES = either("""
    Aaron Abdul Abdullah Abraham Adam Adolf Adrian Ahmad Ahmed Aidan Alan Albert Alberto Alejandro Alex Alexander
    Alexandra Alexei Alfonso Alfred Ali Alice Alicia Allan Allen Alvin Amanda Amber Amy Ana Anders Andre Andrea
    Andreas Andrei Andres Andrew Andy Angela Ann Anna Anne Annie Anthony Antoine Anton Antonio Ariel Arnold Arthur
    Arun Ashley Audrey August Barbara Barry Beatrice Ben Benedict Benjamin Bernard Bert Beth Betty Bill Billy
    Bjorn Bob Bobby Brad Brandon Brenda Brett Brian Bruce Bruno Bryan Cameron Camilla Carl Carla Carlo Carlos
    Carmen Carol Caroline Casey Catherine Cecil Charles Charlie Charlotte Chad Chen Chloe Chris Christian
    Christina Christine Christopher Claire Clara Clarence Claude Claudia Clifford Colin Connor Craig Crystal
    Curtis Cynthia Daisy Dale Dan Daniel Danielle Danny Darren Dave David Dean Deborah Debra Dennis Derek Diana
    Diane Diego Dieter Dirk Dmitri Dmitry Don Donald Donna Dorothy Doug Douglas Duncan Dylan Earl Ed Eddie Edgar
    Edith Eduardo Edward Edwin Eileen Elaine Eleanor Elena Eli Elizabeth Ella Ellen Emily Emma Eric Erica Erik
    Ernest Erwin Esther Ethan Eugene Eva Evan Evelyn Fatima Felix Fernando Florence Frances Francesco Francis
    Francisco Frank Franz Fred Frederic Frederick Friedrich Fritz Gabriel Gareth Gary Gavin Gene Geoff Geoffrey
    George Georg Gerald Gerard Gerhard Gilbert Giovanni Giuseppe Glenn Gloria Gordon Grace Graham Greg Gregory
    Guillermo Gunther Gustav Guy Hannah Hans Harald Harold Harriet Harry Harvey Hassan Heather Hector Heinrich
    Helen Helena Henri Henry Herbert Herman Hiroshi Holly Howard Hubert Hugh Hugo Ian Ibrahim Igor Inga Ingrid
    Irene Isaac Isabel Isabella Ivan Jack Jackie Jacob Jacqueline Jacques Jaime James Jamie Jan Jane Janet Janice
    Jason Javier Jay Jean Jeff Jeffrey Jennifer Jenny Jeremy Jerome Jerry Jesse Jessica Jessie Jill Jim Jimmy
    Joachim Joan Joanna Joe Joel Johan Johann Johannes John Johnny Jon Jonas Jonathan Jordan Jorge Jose Josef
    Joseph Joshua Joyce Juan Judith Judy Julia Julian Julie Julio Jurgen Justin Karen Karin Karl Kate Katharine
    Katherine Kathleen Kathryn Kathy Katie Keith Kelly Ken Kenji Kenneth Kevin Kim Klaus Konrad Kristen Kristin
    Kumar Kurt Kyle Larry Lars Laura Lauren Laurence Lawrence Lee Leo Leon Leonard Leslie Lewis Li Liam Linda Lisa
    Liz Lloyd Lois Lorenzo Louis Louise Lucas Lucia Lucy Luigi Luis Luke Lydia Lynn Malcolm Marc Marcel Marco
    Marcus Margaret Maria Marian Marie Marilyn Mario Marion Marjorie Mark Markus Marshall Martha Martin Marvin
    Mary Mathew Matt Matthew Maurice Max Megan Melanie Melissa Mehmet Michael Michel Michele Michelle Miguel
    Mikael Mike Mikhail Mildred Ming Mohamed Mohammad Mohammed Molly Monica Morgan Morris Muhammad Nadia Nancy
    Natalia Natalie Nathan Neil Nelson Nicholas Nick Nicola Nicolas Nicole Nigel Nikolai Nils Nina Noah Norman
    Olaf Olga Oliver Olivia Omar Oscar Oskar Otto Pablo Pamela Patricia Patrick Paul Paula Pauline Pedro Peggy
    Penny Per Pete Peter Philip Philippe Phillip Phyllis Pierre Rachel Rafael Rajesh Ralph Ramon Randall Randy
    Ravi Ray Raymond Rebecca Regina Reginald Rene Ricardo Richard Rick Rita Rob Robert Roberto Robin Rodney Roger
    Roland Ron Ronald Rose Ross Roy Rudolf Russell Ruth Ryan Sally Salman Sam Samantha Samuel Sandra Sanjay Sara
    Sarah Scott Sean Sebastian Sergei Sergio Seth Shane Shannon Sharon Shaun Sheila Shirley Sidney Simon Sofia
    Sophia Sophie Stan Stanley Stefan Stella Stephanie Stephen Steve Steven Stuart Sue Sunil Susan Suzanne Sven
    Sylvia Takashi Tamara Tammy Tanya Ted Teresa Terence Terry Theodore Theresa Thomas Tiffany Tim Timothy Tina
    Todd Tom Tommy Tony Tracy Travis Trevor Tyler Ursula Valerie Vanessa Vera Vernon Veronica Victor Victoria
    Vijay Vincent Vincenzo Virginia Vivian Vladimir Walter Wanda Warren Wayne Wei Wendy Werner Wilfred Wilhelm
    Will Willem William Willie Winston Wolfgang Xavier Yuri Yves Yvonne Zachary Zhang""")
TITLES = either(r"""
    Mr\.? Mrs\.? Ms\.? Miss Dr\.? Prof\.? Professor Sir Dame Lord Lady King Queen Prince Princess Emperor Duke Count
    Earl Baron Bishop Archbishop Pope Saint Rev\.? Reverend Father Captain Capt\.? Colonel Col\.? General Gen\.? Major
    Lieutenant Lt\.? Sergeant Admiral President Senator Congressman Governor Mayor Minister Judge Justice Coach""")

COUNTRIES = """
    Afghanistan Albania Algeria Andorra Angola Argentina Armenia Australia Austria Azerbaijan Bahamas Bahrain
    Bangladesh Barbados Belarus Belgium Belize Benin Bhutan Bolivia Bosnia Botswana Brazil Brunei Bulgaria Burma
    Burundi Cambodia Cameroon Canada Chad Chile China Colombia Congo Costa_Rica Croatia Cuba Cyprus Czech_Republic
    Czechoslovakia Denmark Dominican_Republic East_Germany Ecuador Egypt El_Salvador England Eritrea Estonia
    Ethiopia Fiji Finland France Gabon Gambia Georgia Germany Ghana Great_Britain Greece Grenada Guatemala Guinea
    Guyana Haiti Honduras Hong_Kong Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Ivory_Coast
    Jamaica Japan Jordan Kazakhstan Kenya Korea Kosovo Kuwait Kyrgyzstan Laos Latvia Lebanon Lesotho Liberia Libya
    Liechtenstein Lithuania Luxembourg Macau Macedonia Madagascar Malawi Malaysia Maldives Mali Malta Mauritania
    Mauritius Mexico Moldova Monaco Mongolia Montenegro Morocco Mozambique Myanmar Namibia Nepal Netherlands
    the_Netherlands New_Zealand Nicaragua Niger Nigeria North_Korea Northern_Ireland Norway Oman Pakistan
    Palestine Panama Paraguay Peru Philippines the_Philippines Poland Portugal Puerto_Rico Qatar Romania Russia
    Rwanda Samoa Saudi_Arabia Scotland Senegal Serbia Sierra_Leone Singapore Slovakia Slovenia Somalia
    South_Africa South_Korea Soviet_Union Spain Sri_Lanka Sudan Suriname Sweden Switzerland Syria Taiwan
    Tajikistan Tanzania Thailand Togo Tonga Trinidad Tunisia Turkey Turkmenistan UAE UK U.K. US USA U.S. U.S.A.
    USSR Uganda Ukraine United_Arab_Emirates United_Kingdom United_States United_States_of_America Uruguay
    Uzbekistan Venezuela Vietnam Wales West_Germany Yemen Yugoslavia Zambia Zimbabwe"""
STATES = """
    Alabama Alaska Alberta Arizona Arkansas British_Columbia California Colorado Connecticut Delaware Florida
    Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Manitoba Maryland Massachusetts Michigan
    Minnesota Mississippi Missouri Montana Nebraska Nevada New_Brunswick New_Hampshire New_Jersey New_Mexico
    New_South_Wales New_York Newfoundland North_Carolina North_Dakota Nova_Scotia Ohio Oklahoma Ontario Oregon
    Pennsylvania Quebec Queensland Rhode_Island Saskatchewan South_Australia South_Carolina South_Dakota Tasmania
    Tennessee Texas Utah Vermont Virginia Washington West_Virginia Western_Australia Wisconsin Wyoming Bavaria
    Saxony Catalonia Kerala Punjab Tamil_Nadu Maharashtra Karnataka Yorkshire Kent Essex Surrey Sussex Lancashire
    Cornwall Devon Norfolk Suffolk Cheshire Fla. Calif. Mass. Conn. Pa. Ga. Ala. Ill. Mich. Minn. Ohio. Tex. Va.
    N.Y. N.J. D.C. NY NJ CA TX FL IL PA GA MA VA NC OH MI WA"""
CITIES = """
    Aberdeen Abu_Dhabi Adelaide Albany Alexandria Algiers Amman Amsterdam Ankara Antwerp Athens Atlanta Auckland
    Austin Baghdad Baltimore Bangalore Bangkok Barcelona Basel Beijing Beirut Belfast Belgrade Bergen Berlin Bern
    Birmingham Bogota Bologna Bombay Bonn Boston Bratislava Brisbane Bristol Brooklyn Brussels Bucharest Budapest
    Buenos_Aires Buffalo Cairo Calcutta Calgary Cambridge Canberra Cape_Town Caracas Cardiff Charlotte Chennai
    Chicago Christchurch Cincinnati Cleveland Cologne Columbus Copenhagen Cork Dallas Damascus Delhi Denver
    Detroit Dhaka Doha Dresden Dubai Dublin Durban Durham Dusseldorf Edinburgh Edmonton Florence Frankfurt Geneva
    Genoa Ghent Glasgow Gothenburg Guangzhou Halifax Hamburg Hanoi Hanover Havana Helsinki Hollywood Honolulu
    Houston Hyderabad Indianapolis Istanbul Jakarta Jerusalem Johannesburg Kabul Karachi Kiev Kolkata Krakow
    Kuala_Lumpur Kyoto Lagos Lahore Las_Vegas Lausanne Leeds Leicester Leipzig Lima Lisbon Liverpool London
    Los_Angeles Lyon Madras Madrid Manchester Manhattan Manila Marseille Melbourne Memphis Mexico_City Miami Milan
    Milwaukee Minneapolis Montreal Moscow Mumbai Munich Nairobi Naples Nashville New_Delhi New_Orleans
    New_York_City Newcastle Nottingham Oakland Odessa Osaka Oslo Ottawa Oxford Palo_Alto Paris Perth Philadelphia
    Phoenix Pittsburgh Portland Prague Pune Quebec_City Raleigh Reykjavik Richmond Riga Rio_de_Janeiro Rome
    Rotterdam Sacramento Saint_Petersburg Salt_Lake_City Salzburg San_Antonio San_Diego San_Francisco San_Jose
    San_Juan Santa_Barbara Santiago Sao_Paulo Sarajevo Seattle Seoul Shanghai Sheffield Shenzhen Sofia Southampton
    St._Louis St._Petersburg Stockholm Strasbourg Stuttgart Sydney Taipei Tallinn Tampa Tehran Tel_Aviv The_Hague
    Tokyo Toronto Toulouse Trieste Tunis Turin Utrecht Valencia Vancouver Venice Vienna Vilnius Warsaw
    Washington,_D.C. Wellington Winnipeg York Zagreb Zurich"""
PEOPLES = listed("""
    Afghan African African-American Albanian Algerian American Angolan Argentine Argentinian Armenian Australian
    Austrian Azerbaijani Bangladeshi Basque Bavarian Belarusian Belgian Bolivian Bosnian Brazilian British
    Bulgarian Burmese Byzantine Cambodian Cameroonian Canadian Catalan Chilean Chinese Colombian Congolese
    Croatian Cuban Cypriot Czech Czechoslovak Danish Dominican Dutch Ecuadorian Egyptian English Estonian
    Ethiopian Filipino Finnish Flemish French Georgian German Ghanaian Greek Guatemalan Haitian Hawaiian Hungarian
    Icelandic Indian Indonesian Iranian Iraqi Irish Israeli Italian Ivorian Jamaican Japanese Jordanian Kazakh
    Kenyan Korean Kuwaiti Latvian Lebanese Liberian Libyan Lithuanian Luxembourgish Macedonian Malaysian Maltese
    Mexican Moldovan Mongolian Montenegrin Moroccan Nepalese New_Zealander Nicaraguan Nigerian Norwegian Ottoman
    Pakistani Palestinian Panamanian Paraguayan Persian Peruvian Polish Portuguese Prussian Puerto_Rican Roman
    Romanian Russian Rwandan Salvadoran Saudi Scottish Senegalese Serbian Sicilian Singaporean Slovak Slovene
    Slovenian Somali South_African South_Korean Soviet Spanish Sri_Lankan Sudanese Swedish Swiss Syrian Taiwanese
    Tanzanian Thai Tibetan Trinidadian Tunisian Turkish Ugandan Ukrainian Uruguayan Uzbek Venetian Venezuelan
    Vietnamese Welsh Yugoslav Zambian Zimbabwean""")

SCHOOL = either("""
    University Universitat Universite College School Academy Institute Polytechnic Seminary Conservatory Gymnasium""")
ENTERPRISE = either(r"""
    Inc\b Corp\b Corporation Company Co\b Ltd\b Limited LLC\b PLC\b plc\b LLP\b AG\b GmbH SA\b S\.A Pty\b Group
    Holdings? Partners Associates Industries Enterprises? Systems Technologies Technology Solutions Services
    Software Networks? Media Records Entertainment Pictures Studios? Productions Publishing Press Airlines Airways
    Motors Bank Bancorp Capital Ventures Insurance Financial Securities Pharmaceuticals Energy Laboratories Labs""")
INSTITUTION = either(r"""
    Association Foundation Society Council Committee Commission Union League Federation Party Club Team Orchestra
    Museum Library Hospital Church Center Centre Department Ministry Agency Office Board Authority Service Army
    Navy Force Parliament Senate Congress Assembly Court Times Post News Magazine Journal F\.?C\b United\b
    Institute Trust Theatre Band Project Movement Alliance Network""")
PARTISAN = either(r"""
    [Pp]arty\b PARTY Democrats?\b Democratic Republicans? Labou?r\b Conservatives? Tory Tories Liberals?
    Socialists? Communists? Christian_Democrat Social_Democrat Greens? Whigs? Federalists? Nationalists?
    Progressives? Populist People's_Front National_Front Congress Bloc GOP Likud Fianna Sinn Fidesz Solidarity
    independent BJP SPD CDU CSU FDP""")

STUDIED = either(r"""
    studie[sd]\b study studying studies_at student stud(?:ent)?s\b attend(?:ed|ing|s)? graduat\w+ alumn\w+
    educated education degrees? diploma B\.?A\.?\b M\.?A\.?\b B\.?Sc?\b M\.?Sc?\b MBA\b Ph\.?D\b doctorate
    bachelor\w* master'?s\b majored major_in enrolled matriculated schooling thesis law_school undergraduate
    valedictorian scholarship trained_at""")
TEACHES = either(
    r"professor lecturer lectures taught teach\w* faculty dean chancellor chair_of fellow researcher postdoc\w*"
)
WORKS = either(r"""
    work(?:s|ed|ing)? join\w* employ\w* hired appointed serv(?:es|ed|ing) manager director chairman vice\Wpresident
    executive partner engineer editor consultant analyst attorney officer head_of career position role intern\w* staff
    journalist reporter columnist correspondent secretary treasurer board producer spokes\w+ retired resigned left""")
PLAYS = either(r"""
    play(?:s|ed|ing|er)? coach\w* manager_of captain\w* signed striker midfielder defender goalkeeper quarterback
    pitcher footballer drafted traded transfer\w* season league football basketball baseball hockey""")
POSITION = either(r"""
    (?:vice\W)?president chairman chairwoman director manager executive officer CEO professor lecturer coach
    captain editor engineer scientist physicist psychologist economist historian researcher analyst consultant
    attorney reporter journalist correspondent columnist commentator anchor guitarist drummer bassist singer
    vocalist frontman keyboardist player pitcher quarterback striker midfielder defender goalkeeper forward
    teacher dean fellow head secretary treasurer member partner associate producer designer spokesman spokeswoman
    curator principal""")
OCCUPATION = either(r"""
    actor actress artist architect athlete author banker biologist botanist businessman businesswoman chemist
    cleric composer cricketer cyclist dancer designer diplomat director economist editor educator engineer
    entrepreneur explorer film\b football\w* golfer guitarist historian inventor journalist judge jurist lawyer
    linguist mathematician model musician novelist officer painter philosopher photographer physician physicist
    pianist player poet politician priest producer professor racing\w* rower runner sailor scholar scientist
    screenwriter sculptor singer soldier sprinter surgeon swimmer tennis theologian trader violinist wrestler
    writer zoologist""")
POLITICIAN = either(r"""
    politicians? deputy MP\b MEP\b M\.P\. senator congress\w* representative member_of_parliament member_of_the
    elected election candidate parliament\w* legislat\w+ minister mayor governor councill?or premier seat\b
    constituency ticket nomin\w+ leader caucus""")

MARRIED = either(
    r"married marry\w* marriage marries wife husband spouse wed\b wedding wedded widow\w* remarried divorced bride"
)
CHILDREN = either(r"son daughter sons daughters child children stepson stepdaughter heir eldest youngest firstborn")
PARENTS = either(r"father mother parents? dad mom mum stepfather stepmother begat fathered")

FOUNDED = either(r"""
    (?:co-?)?found(?:ed|ing|s) established establishing formed forming formation created creat(?:ing|ion) started
    starting launched launching incorporated chartered inception est\. set_up began opened since_\d{4}""")
FOUNDERS = either(r"""
    (?:co-?)?founders? (?:[Cc]o-?)?founded (?:co-?)?founding established started created formed launched set_up
    brainchild began opened""")
CHIEFS = either(r"CEO C\.E\.O\. chief_executive\w* managing_director president chairman_and chief_operating")
LIVES = either(r"""
    liv(?:e|es|ed|ing)\b resid(?:e|es|ed|ing|ent|ents|ence) settled? moved? moving relocat\w+ emigrat\w+
    immigrat\w+ hometown grew_up growing_up raised brought_up exile fled returned_to stayed_in dwel\w+""")
SEATED = either(r"headquarter\w* located based offices? seat campus situated base_in operates_(?:in|from|out_of)")
OWNED = either(r"""
    subsidiar(?:y|ies) parent owned owner owns acquired acquisition bought purchased division_of unit_of part_of
    arm_of merged sold_to affiliate sister branch_of imprint belongs_to""")
DIED = either(r"""
    died dies death dead deceased killed executed murdered assassinated passed_away drowned suicide buried
    fell_in_battle until_(?:his|her)_death d\.""")
