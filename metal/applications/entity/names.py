"""Dictionaries of people: given names and surnames of many languages, and the best-known statesmen and artists."""

from __future__ import annotations

from metal.applications.entity.listed import listed

GIVEN_NAMES = listed(
    """
    Aaron Abdul Abdullah Abigail Abraham Adam Adolf Adrian Agnes Ahmed Alan Albert Alberto Albrecht Alec Aleksandr Alex
    Alexander Alexandra Alexandre Alexei Alfonso Alfred Alfredo Ali Alice Alison Allan Allen Amanda Amy Ana Anatole
    Anders Andre Andrea Andreas Andrei Andrew Andrzej André Andy Angela Angelo Anita Ann Anna Anne Annie Anthony
    Antoine Anton Antonio Antony António Anwar April Archibald Arnold Art Arthur Arturo Ashley Audrey August Augustus
    Aung Axel Barack Barbara Barry Bartolomeo Beatrice Ben Benito Benjamin Benny Bernard Bernardo Bert Bertrand Beth
    Betty Bill Billy Bob Bobby Bonnie Boris Brad Bradley Brandon Brenda Brendan Brett Brian Brigitte Bruce Bruno Bryan
    Burt Byron Calvin Cameron Camille Carl Carla Carlo Carlos Carmen Carol Caroline Caterina Catherine Cecil Cecilia
    Cesar Chad Charles Charlie Charlotte Che Cheryl Chester Chris Christian Christina Christine Christopher Chuck Cindy
    Claire Clara Clarence Claude Claudia Clay Clement Clifford Clint Clive Colin Connie Conrad Constance Craig Cristina
    Curtis Cynthia Cyril Daisy Dale Dan Daniel Daniele Danny Dante Darren Dave David Dean Debbie Deborah Denis Dennis
    Derek Diana Diane Dick Diego Dieter Dimitri Dmitri Dmitry Dominic Don Donald Donna Dora Doris Dorothy Doug Douglas
    Duncan Dwight Earl Ed Eddie Edgar Edith Edmund Eduard Eduardo Edward Edwin Eileen Elaine Eleanor Elena Eli Elias
    Elijah Elisabeth Elizabeth Ella Ellen Elliott Elmer Elsa Elvis Emanuel Emil Emilio Emily Emma Emmanuel Enrico
    Enrique Eric Erich Erik Ernest Ernst Erwin Esther Ethan Ethel Eugene Eugen Eva Evan Eve Evelyn Ezra Fanny Felix
    Ferdinand Fernando Fidel Fiona Florence Floyd Frances Francesca Francesco Francis Francisco Franco Frank Frankie
    Franklin Franz François Fred Freddie Frederic Frederick Friedrich Fritz Gabriel Gareth Gary Gavin Gene Geoff
    Geoffrey Georg George Georges Georgia Gerald Gerard Gerhard Germaine Gertrude Gianni Giacomo Gilbert Gilles Giorgio
    Giovanni Giulio Giuseppe Glen Glenn Gloria Gordon Grace Graeme Graham Grant Greg Gregory Greta Guido Guillaume
    Gunther Gustav Gustave Guy Günter Hal Hamid Hank Hannah Hans Harold Harriet Harry Harvey Hassan Hector Heather
    Hedwig Heinrich Heinz Helen Helena Helmut Henri Henrik Henry Herbert Herman Hermann Hiroshi Holly Homer Horace
    Howard Hubert Hugh Hugo Humphrey Hussein Ian Ibrahim Ida Ignacio Igor Ingrid Irene Iris Irving Isaac Isabel
    Isabella Isabelle Ivan Jack Jackie Jackson Jacob Jacqueline Jacques Jaime Jake Jakob James Jamie Jan Jane Janet
    Janice Jason Javier Jay Jean Jeff Jefferson Jeffrey Jennifer Jenny Jeremy Jerome Jerry Jesse Jessica Jesus Jill Jim
    Jimi Jimmy Joachim Joan Joanna Joanne Joaquín Joe Joel Johan Johann Johannes John Johnny Jon Jonas Jonathan Jordan
    Jorge Joseph Joshua José Josef Juan Judith Judy Jules Julia Julian Julie Juliet Julio Julius Jun June Justin Jörg
    Jürgen Karen Karin Karl Kate Katharine Katherine Kathleen Kathryn Kathy Katie Kay Keith Kelly Ken Kenji Kenneth
    Kerry Kevin Khalid Kim Kirk Klaus Konrad Konstantin Kristen Kurt Kyle Larry Lars Laura Lauren Laurence Laurent
    Lawrence Lee Lena Leo Leon Leonard Leonardo Leonid Leopold Leroy Les Leslie Lester Lewis Liam Lillian Lily Linda
    Lisa Liz Lloyd Lois Lorenzo Lou Louis Louisa Louise Luc Luca Lucas Lucia Lucien Lucy Ludwig Luigi Luis Luke Luther
    Luís Lydia Lyndon Lynn Mabel Madeleine Mahmoud Malcolm Manfred Manuel Marc Marcel Marco Marcus Margaret Margarita
    Maria Marian Marianne Marie Marilyn Mario Marion Mark Marlon Marshall Martha Martin Marvin Mary Mathieu Matilda
    Matt Matteo Matthew Matthias Maud Maureen Maurice Max Maximilian Maxwell May Mehmed Mehmet Melissa Meredith Michael
    Michel Michelle Miguel Mikhail Mike Mildred Miles Milton Mohamed Mohammad Mohammed Molly Monica Morris Moses
    Muhammad Murray Mustafa Myron Nadia Nancy Naomi Napoleon Natalia Natalie Natasha Nathan Nathaniel Neil Nelson
    Nicholas Nick Nicola Nicolas Nicole Nigel Nikita Nikolai Nikolaus Nils Nina Noah Noam Noel Nora Norma Norman Oleg
    Oliver Olivia Omar Orson Oscar Oskar Osman Oswald Otto Owen Pablo Pamela Paolo Pascal Pat Patricia Patrick Paul
    Paula Pauline Pavel Pearl Pedro Peggy Penelope Percy Perry Pete Peter Petra Phil Philip Philippe Phillip Phyllis
    Pierre Pietro Priscilla Rachel Rafael Ralph Ramón Randy Raphael Raul Ravi Ray Raymond Rebecca Reginald René Rex
    Reza Ricardo Richard Rick Ricky Rita Rob Robert Roberta Roberto Robin Rod Roderick Rodney Rodrigo Roger Roland Rolf
    Roman Ron Ronald Ronnie Rory Rosa Rosalind Rose Rosemary Ross Roy Rudolf Rudolph Rudy Rufus Rupert Russ Russell
    Ruth Ryan Sabine Salim Sally Salvador Sam Samantha Samuel Sandra Sandy Sara Sarah Scott Sean Sebastian Sergei
    Sergio Seth Shane Sharon Shaun Sheila Shirley Sidney Siegfried Sigmund Silvio Simon Simone Sofia Sonia Sophia
    Sophie Spencer Stan Stanislav Stanley Stefan Stefano Stella Stephanie Stephen Steve Steven Stewart Stuart Sue Susan
    Susanna Suzanne Sven Sylvester Sylvia Takashi Tamara Tariq Ted Teresa Terence Terry Theodor Theodore Theresa
    Thérèse Thomas Tim Timothy Tina Todd Tom Tommy Toni Tony Tracy Trevor Ulrich Umberto Ursula Valentina Valerie
    Vanessa Vasily Vera Vernon Veronica Victor Victoria Vijay Vincent Vincenzo Viola Violet Virginia Vittorio Vivian
    Vladimir Walt Walter Wanda Warren Wayne Wendy Werner Wilfred Wilhelm Will Willem William Willie Wilson Winifred
    Winston Wolf Wolfgang Woody Yasmin Yitzhak Yoko Yuri Yves Yvonne Zachary Zhang Zoe
    """
)
"""First words of a person's name. Names that begin many organizations' names too (Washington, Victoria) are few."""

WORLD_NAMES = listed(
    """
    Abbas Abd Abdel Abdallah Abdulaziz Abu Achille Adela Adelaide Adele Adnan Adolfo Adolphe Agatha Agostino Agustín Ah
    Aidan Aino Aisha Ajay Akbar Akira Aksel Alain Alastair Albertine Aldo Aleksandar Aleksander Aleksei Alessandro
    Alessandra Alexis Alejandro Aleksey Alexey Alf Alicia Allison Alma Alois Aloysius Alphonse Alvaro Alvin Amadeus
    Amar Amelia Amir Amit Amos Anastasia Andrés Andrej Angus Anil Annette Ansel Anselm Antal Antonín Antonia Antonella
    Anupam Aleister Ariel Aristide Arjun Armand Armando Arne Arno Arun Arvind Asa Asha Ashok Asif Atsushi Attila Aurora
    Avi Ayn Aziz Babak Baldassare Balthasar Barney Bartholomew Basil Bashar Beata Beau Bella Ben-Zion Benedetto
    Benedict Bernadette Bernd Bertha Bertil Bertolt Bette Bianca Biagio Björn Blaise Blanche Bob Bogdan Bohumil Boyd
    Brandi Branko Brent Bridget Britney Bronisław Buck Bud Buddy Burton Buster Camilla Camillo Carey Carlotta Carlton
    Carmine Carole Carrie Carroll Casey Casper Cecilia Cecily Celia Celine Chaim Chandra Chandler Charlene Charlton
    Chelsea Chiang Chloe Christa Christoph Christophe Christy Chuan Ciarán Clark Claudio Clemens Cleveland Clifton
    Clyde Cody Cole Conor Cora Cordelia Cornelia Cornelis Cornelius Cosimo Courtney Curt Cynthia Dagmar Dalia Damian
    Damien Damon Dana Dariusz Darius Darren Darryl Daryl Daphne Davide Dawn Deepak Deirdre Delia Della Demetrius Dennis
    Desmond Devin Dewey Dexter Diether Dietrich Dilip Dimitris Dino Dirk Domenico Dominique Dorian Dorothea Drew Duke
    Dušan Dustin Dusty Dylan Earle Ebenezer Eberhard Eckhard Edgardo Edmond Edoardo Edna Édouard Egon Eino Ekaterina
    Elaine Eldon Eleonora Elena Eliot Elise Eliza Ellie Ellis Elliot Elton Emanuele Emile Émile Emiliano Emmett
    Emmeline Emre Enid Enzo Erika Erin Ernesto Errol Erskine Erno Ervin Étienne Etta Eugène Eugenia Eugenio Eunice
    Evangeline Evelina Ewan Ezekiel Ezio Fabian Fabio Fabrice Faisal Farah Farid Fatima Faye Federico Felicia Felipe
    Félix Fergus Fernand Filip Filippo Finn Flora Florian Forrest Fran Francesc Francine Françoise Frankie Franjo
    Fredrik Fyodor Gabriele Gabriella Gail Galina Ganesh Garrett Garry Gaston Gavriil Geoffroy Geraldine Germain Gerd
    Gerda Gerhardt Gerrit Gerry Gertrud Giacinto Giancarlo Gilberto Giles Gina Ginger Gino Giordano Girolamo Giuliano
    Giulia Godfrey Gopal Goran Gottfried Gottlieb Graciela Grazia Gregor Gregorio Gregory Grigory Grover Gudrun
    Guglielmo Guillermo Gus Gustaf Gustavo Gwen Gwendolyn György Gyula Haakon Haile Hakan Hamish Han Hanna Hanne Hannes
    Haris Harlan Harley Harmon Harrison Haruki Hassan Hazel Heidi Heike Heini Helga Helge Helmuth Heloise Hendrik
    Henrietta Henrique Henryk Heraclius Heribert Hermine Hernán Herschel Hideo Hilary Hilda Hillary Hiram Hirohito
    Holger Horatio Hortense Huang Huey Hugues Hunter Husain Hyun Iain Igino Ignaz Ignatius Ike Ilya Immanuel Imran Inez
    Inga Inge Ingeborg Ingmar Ingo Ioannis Ion Ira Iris Irina Irma Irvin Irwin Isabelle Isaiah Isamu Ishmael Ismail
    Israel István Ivana Ivar Ivo Izaak Jaakko Jace Jacinto Jacopo Jagdish Jaka Jalal Jamal Janez Jared Jaroslav Jarvis
    Jasmine Jasper Jawaharlal Jayne Jeanne Jeannette Jeanette Jed Jenna Jens Jerzy Jess Jessie Jiang Jimmie Jiří Joakim
    João Joaquim Jocelyn Jochen Jodie Joey Johanna Johnnie Jonah Jonathon Joni Jordi Josephine Josh Josiah Josip Joyce
    József Jozef Juana Judd Jude Judas Juha Juliana Julien Juliette Juliusz Junior Jussi Justine Justus Kai Kalle Kamal
    Kamala Kamil Karim Karla Karol Karsten Kasper Katarina Katharina Kathe Katherina Katja Kazuo Keiko Keir Kelvin
    Kendall Kendra Kent Kermit Kerstin Kevin Kieran Kimberly Kip Kirill Kirsten Kit Kjell Knud Knut Koichi Kris Krishna
    Kristian Kristin Kristina Kristoffer Krzysztof Kunal Kurtis Kwame Ladislaus Lajos Lana Lance Lara Laszlo László
    Lata Laurie Lavinia Lavrentiy Lazar Léo Léon Léonard Leah Leander Leigh Leila Leland Lennart Lenny Leocadia
    Leonhard Leonie Leonor Leroy Leszek Leticia Letitia Lev Levi Lidia Lila Lilian Lina Lincoln Lindsay Lindsey Linus
    Lionel Liu Livia Ljubo Logan Lola Lon Lope Lora Loren Loretta Lorna Lorne Lorraine Lothar Lottie Lucian Luciano
    Lucie Lucille Lucius Lucrezia Ludmila Ludovico Luisa Luiz Lukas Lupe Lyle Lyman Lynne Lynda Maciej Mack Madeline
    Madonna Mads Magda Magdalena Magnus Mahatma Mahesh Maite Makoto Malik Mamoru Manfredi Manish Manny Manoel Manolo
    Marcela Marcelo Marcella Marcelle Marcello Marcia Marek Margarete Margarethe Margherita Margot Marguerite Mariano
    Marija Marina Marius Marjorie Markus Marlene Marta Martha Martina Martti Masao Masaru Mateo Mateusz Mathias
    Mathilde Matilde Matti Mattias Maureen Mauricio Maurizio Mauro Maxim Maxime Maxine Mayumi Megan Mehdi Mel Melanie
    Melinda Melvin Mercedes Merle Mervyn Mia Micah Michał Michaela Michele Micheál Mick Mickey Mihai Mihail Mika Mikael
    Miklós Milan Milena Millicent Miloš Mimi Mindy Minna Minnie Miranda Miriam Miroslav Mitch Mitchell Mo Moe Mohan
    Mohammed Mohamad Moira Moisés Mona Montgomery Mordecai Morgan Moritz Mort Mortimer Mose Moshe Muriel Murad Myra
    Myrtle Nadine Nana Nancy Narendra Nat Natalya Natasha Neal Ned Nellie Neville Newt Niall Niccolò Niels Nikola
    Nikolaj Nikolay Nikos Nina Nino Noël Noelle Nolan Norbert Noriko Norris Nuno Octave Octavia Odette Olaf Olav Ole
    Olga Olive Olivier Olof Ophelia Orlando Orrin Orville Osamu Osvaldo Oswald Otis Ottavio Ottilie Ottmar Ousmane Ozzy
    Paavo Paddy Padraig Paige Palle Pamela Pandit Panos Parker Pascual Patsy Patti Patty Paulina Pauline Paulo Paulus
    Pavlos Peder Pekka Per Pearl Peng Pentti Peregrine Petar Petr Petrus Petter Peyton Philipp Phineas Phoebe Pia Pier
    Piers Pierluigi Piotr Plácido Polly Prakash Pramod Prem Prudence Quentin Quincy Quinn Rachael Rachid Radu Rafał
    Raffaele Ragnar Rahul Raimund Rainer Raj Raja Rajendra Rajesh Rajiv Rakesh Rama Ramesh Ramiro Ramona Ramsay Randall
    Randolph Raphaël Rashid Ratan Raúl Raymundo Reba Reed Reese Reggie Regina Reid Reiner Reinhard Reinhold Remi Remy
    Renata Renato Renee Reuben Reynaldo Rhoda Rhonda Richie Rifat Riccardo Rickey Rikard Riley Ringo Rino Roald Robbie
    Roberta Roberto Robin Robyn Rocco Rocky Rod Roddy Roderick Rodney Rodolfo Rodrigo Roger Rogelio Rohan Roland Rolf
    Roman Romeo Ron Ronald Ronnie Rory Rosa Rosalie Rosalind Rosario Rosemary Rosie Roswell Rowan Rowena Roxanne Roy
    Royce Ruben Rubén Ruby Rudi Rudolf Rudolph Rudy Rufus Rupert Russ Russell Rusty Ruth Rutherford Ryan Ryoko Sabine
    Sabrina Saddam Sadie Said Sakari Salim Sally Salma Salman Salvador Salvatore Sam Sami Sammy Samir Samson Sanjay
    Santiago Santo Santos Sarojini Sasha Satoshi Satyajit Saul Savannah Savitri Sawyer Scarlett Selena Selma Serena
    Serge Sergey Sergiu Severin Shah Shankar Shannon Sharon Shaun Sheikh Shelby Sheldon Shelley Sherman Sherwood
    Shigeru Shimon Shinzo Shiro Shlomo Shyam Sibyl Sid Siegmund Sigrid Sigurd Silas Silvana Silvia Siméon Simeon Simona
    Sinclair Siobhan Sirkka Slobodan Socrates Sol Solomon Søren Stacy Stacey Stanisław Stavros Steffen Stein Sten
    Stephan Stéphane Stephanie Sterling Stevie Storm Stuart Subhas Sugar Suleiman Sunil Suresh Susana Susanne Susie
    Svetlana Sybil Sydney Sylvain Sylvie Szymon Tabitha Tadeusz Takeshi Tancred Tania Tanja Tanya Tara Taras Taro
    Tatiana Tatyana Ted Tennessee Terrence Terri Tess Thaddeus Thea Thelma Theo Theobald Theodora Theodore Thibaut
    Thierry Thor Thorsten Tiberius Tiffany Tilda Timo Timur Tito Titus Tobias Toby Toivo Tomás Tomasz Tomáš Tomislav
    Tommaso Toni Torsten Toshiro Tove Tracey Travis Trent Tristan Troy Truman Tsutomu Tycho Tyler Tyrone Ugo Ulf Uli
    Ulla Ulysses Uma Uri Uriah Urban Uwe Václav Val Valentin Valentino Valerio Valery Vasco Vasile Venkat Verena Vernon
    Vicente Vicki Vicky Vikram Viktor Viktoria Ville Vinod Virgil Virginie Vito Vittoria Vlad Vladislav Vojtěch Volker
    Wade Waldemar Waldo Wallace Wally Walther Wang Ward Wassily Wenceslaus Wendell Wes Wesley Whitney Wiktor Wilbur
    Wilbert Wiley Wilhelmina Willa Willard Willi Willis Willy Wim Winfield Winthrop Władysław Wojciech Wouter Xavier
    Yasser Yasuhiro Yasuo Yehuda Yevgeny Yigal Yitzchak Yolanda Yosef Yukio Yusuf Yuriy Yvette Zack Zainab Zane
    Zbigniew Zdeněk Zelda Zeno Zhou Zhu Zoltán Zora Zsa Đorđe İsmet Ángel Óscar Øystein Å Åke Elkanah Elihu Ezra
    Hezekiah Jedediah Jeremiah Zebulon Zechariah Cao Sun Chen Zhao Yuan Guo Xu Zheng Feng Deng Dong Gao Song Jia Yan
    Yao Zhuge Sima Jin Shen Lü Xie Hu Ma Tang Luo Liang Xiao Pan Wei Fu Ding Tan Cai Du Kong Bai Cui Meng Shi Kang Mei
    Tokugawa Oda Toyotomi Minamoto Fujiwara Tanaka Sato Suzuki Takahashi Yamamoto Nakamura Kobayashi Ito Watanabe Ngô
    Nguyễn Nguyen Trần Tran Phạm Lê Hoàng Ho Vo Đặng Bùi Yoon Cho Choi Jeong Jung Lim Shin Hwang Ahn Hong Siti Nur Mohd
    Tunku Dato Tengku Goh Teo Ong Chua Sri Shri Swami Guru Rao Ravindra Anand Aditya Akshay Amitabh Aamir Abhishek
    Aishwarya Anushka Ayesha Deepika Dharmendra Farhan Hema Hrithik Irrfan Jaya Kareena Katrina Madhuri Manoj Mithun
    Mukesh Naseeruddin Nawab Parveen Pooja Priyanka Rajinikanth Ranbir Rani Rekha Rishi Saif Sanjeev Shahid Shahrukh
    Shashi Sonam Sushmita Syed Tabu Vidya Vinayak Yash Zafar Zahir
    """
)
"""First words of a person's name the world over; of Chinese, Korean and Vietnamese names the surname."""

ENDINGS = (
    r"[a-z](?:son|sen|sson|sohn|stein|berg|burger|mann|meyer|heimer|hauser|baum|feld|thal|witz|wicz|vich|vić|vič|ić|ski|"
    r"sky|skii|skiy|ska|cki|czyk|ov|ova|ev|eva|enko|chuk|yan|ian|idze|adze|shvili|oğlu|oglu|escu|opoulos|akis|idis|iou|"
    r"nen|ssen|aitis|auskas|ez|ini|elli|etti|otti|ucci|acci|azzi|izzi|ardi|aldi|berger|strom|ström|quist|gren|lund|"
    r"dóttir|dottir|sdale|worth|ington|shaw|well|kins|kinson|ford|combe|wood|man|ard|aux|eau|eux|ier|ière|let|quet|"
    r"swamy|murthy|appa|aswami|nath|das|dev|pal|deen|ullah|allah|zadeh|pour|bey|pasha|moto|mura|yama|zaki|saki|shita|"
    r"kawa|gawa|hashi|naka|guchi|matsu)$"
)
"""How surnames end: sons, towns and trades in many languages."""

SURNAMES = listed(
    """
    Adams Alexander Ali Allen Anderson Andrews Armstrong Arnold Atkinson Bailey Baker Ball Banks Barnes Barrett Barton
    Bates Beck Becker Bell Bennett Bergman Berry Bishop Black Blair Blake Booth Bowman Boyd Bradley Brooks Brown Bryant
    Burke Burns Burton Butler Byrne Campbell Carpenter Carr Carroll Carter Chapman Chen Clark Clarke Cohen Cole Coleman
    Collins Cook Cooper Cox Crawford Cross Cruz Cunningham Curtis Davidson Davies Davis Dawson Dean Diaz Dixon Douglas
    Doyle Duncan Dunn Edwards Elliott Ellis Evans Ferguson Fernandez Fischer Fisher Fleming Fletcher Flynn Ford Foster
    Fowler Fox Francis Fraser Freeman Fuller Garcia Gardner George Gibson Gill Gomez Gonzalez Goodman Gordon Graham
    Grant Graves Gray Green Greene Griffin Griffiths Gupta Hall Hamilton Hansen Harper Harris Harrison Hart Harvey
    Hayes Henderson Henry Hernandez Hicks Hill Hoffman Holland Holmes Holt Hopkins Howard Howell Hudson Hughes Hunt
    Hunter Jackson Jacobs James Jenkins Jensen Johnson Johnston Jones Jordan Joseph Kaplan Kaufman Keller Kelley Kelly
    Kennedy Khan Kim King Klein Knight Kumar Lambert Lane Larson Lawrence Lawson Lee Lewis Lin Little Liu Lloyd Long
    Lopez Lowe Lucas Lynch Macdonald Marsh Marshall Martin Martinez Mason Matthews May Mayer McCarthy McDonald McKenzie
    McLean Mendoza Meyer Miller Mills Mitchell Moore Morales Moran Morgan Morris Morrison Moss Mueller Murphy Murray
    Müller Myers Nelson Newman Nguyen Nichols Nicholson Nielsen Norman Olsen Olson Owen Owens Palmer Park Parker
    Parsons Patel Patterson Payne Pearson Perez Perkins Perry Peters Petersen Peterson Phillips Pierce Pope Porter
    Potter Powell Price Quinn Ramirez Ramos Ray Reed Reid Reyes Reynolds Rice Richards Richardson Riley Rivera Roberts
    Robertson Robinson Rodriguez Rogers Romero Rose Ross Rossi Roth Russell Ryan Sanchez Sanders Santos Saunders
    Schmidt Schneider Schröder Schultz Schwartz Scott Sharma Shaw Silva Simmons Simon Simpson Singh Smith Snyder
    Spencer Stephens Stevens Stevenson Stewart Stone Sullivan Sutherland Sutton Taylor Thomas Thompson Thomson Thornton
    Torres Tucker Turner Tyler Vance Vargas Vaughan Wagner Walker Wallace Walsh Wang Ward Warner Warren Watkins Watson
    Watts Weaver Webb Weber Webster Weiss Welch Wells West Wheeler White Whitman Wilkins Wilkinson Williams Williamson
    Willis Wilson Winter Wolf Wong Wood Woods Wright Wu Yang Young Zhang Zimmerman
    """
)
"""Last words of a person's name, and the whole of it where people are called by their surname."""

STATESMEN = listed(
    """
    Adenauer Akbar Akhenaten Akihito Allende Andropov Arafat Assad Atatürk Attlee Augustus Aurangzeb Aurelius Babur
    Begin Berlusconi Bhutto Biden Bismarck Blair Blum Bolívar Brandt Brezhnev Bush Caesar Caligula Callaghan Cameron
    Carter Castro Ceaușescu Chamberlain Charlemagne Chavez Chirac Chiang Chrétien Churchill Claudius Cleopatra Clinton
    Cromwell Diefenbaker Disraeli Eden Eisenhower Erdoğan Franco Gaddafi Gandhi Gladstone Goebbels Gorbachev Hadrian
    Hammurabi Hawke Himmler Hirohito Hitler Hollande Honecker Hoover Hussein Jefferson Jinnah Justinian Kennedy
    Kerensky Khomeini Khrushchev Kissinger Kohl Lenin Lincoln Lumumba Macron Madison Mandela Mao Marcos McCain McKinley
    Medvedev Meiji Merkel Metternich Mitterrand Modi Molotov Mubarak Mugabe Mussolini Napoleon Nasser Nehru Nero
    Netanyahu Nixon Nkrumah Obama Palmerston Peel Perón Pinochet Pitt Polk Pompidou Putin Rabin Ramesses Reagan
    Robespierre Romney Roosevelt Sadat Saladin Salazar Sanders Sarkozy Schröder Stalin Suharto Suleiman Sukarno Taft
    Thatcher Tiberius Tito Trajan Trotsky Trudeau Truman Trump Tudjman Vespasian Walpole Whitlam Yeltsin Zelensky Zhou
    Ptolemy Abbott Abe Acheson Adams Agnew Ahmadinejad Alaric Albanese Alcibiades Aquino Asquith Attila Bachelet
    Baldwin Balfour Ben-Gurion Bevin Bonaparte Boudica Brundtland Brutus Buchanan Buthelezi Canning Caracalla Cato
    Cavour Ceausescu Chávez Chen Cheney Chernenko Chifley Cicero Clegg Clemenceau Cleveland Clovis Coolidge Corbyn
    Crassus Curtin Daladier Deakin Deng Diocletian Dollfuss Domitian Dukakis Duterte Duvalier Erdogan Estrada Farage
    Fillmore Ford Fraser Fujimori Gaitskell Galba Garfield Garibaldi Gillard Giuliani Goldwater Gore Göring Grey
    Grijalva Haig Harding Hatshepsut Havel Hayes Heath Herod Hindenburg Ho Holt Horthy Howard Hoxha Hua Humphrey
    Iturbide Jaruzelski Jospin Juárez Julian Kagame Karimov Karzai Kaunda Kenyatta Kim Kirchner Kosygin Kruger Kublai
    Laval Leopold Lloyd Lukashenko Maduro Mahathir Major Makarios Maliki Mannerheim Marat Marius Masaryk Mazarin
    McCarthy McConnell Meir Menem Menzies Mithridates Mobutu Monroe Morsi Mossadegh Mulroney Musharraf Nebuchadnezzar
    Necker Nyerere Ortega Osman Palin Palme Park Paulinus Pelosi Pence Pericles Pétain Piłsudski Poincaré Pompey Prodi
    Qaddafi Quisling Rajapaksa Rasputin Rhee Ribbentrop Richelieu Rubio Rudd Rumsfeld Saakashvili Salisbury Santorum
    Schmidt Schumer Selassie Sharif Sharon Sisi Smuts Sulla Sunak Tokugawa Thaksin Themistocles Theodosius Thutmose
    Timur Tōjō Tudor Turnbull Tutankhamun Tyler Valens Valentinian Vargas Verwoerd Videla Walesa Wałęsa Wallenstein
    Wilson Xerxes Yanukovych Yushchenko Zapatero Zapata Zardari Zia Zuma
    """
)
"""Last words of the names of heads of state and of government whom everybody knows."""

ARTISTS = listed(
    """
    Andersen Asimov Auden Austen Bach Bacon Balzac Barber Bartók Baudelaire Beckett Beethoven Bellini Bergman Berlioz
    Bernini Bernstein Botticelli Bowie Brahms Brecht Britten Brontë Browning Byron Camus Caravaggio Cervantes Chaplin
    Chekhov Chopin Christie Coleridge Copland Coppola Dalí Dante Degas Dickens Dickinson Disney Donizetti Dostoevsky
    Doyle Dumas Duchamp Dvořák Dylan Dürer Eisenstein Eliot Elgar Emerson Faulkner Fellini Fitzgerald Flaubert Gauguin
    Gershwin Goethe Godard Gogol Goya Handel Hawthorne Haydn Heine Hemingway Hendrix Hesse Hitchcock Hogarth Homer
    Horace Hugo Ibsen Ionesco Joyce Kafka Keats Kipling Klimt Kubrick Kurosawa Lennon Leonardo Liszt Lovecraft Madonna
    Mahler Manet Mann Marlowe Matisse McCartney Melville Mendelssohn Michelangelo Milton Miró Molière Monet Mozart
    Munch Nabokov Neruda Orwell Ovid Petrarch Picasso Pinter Plath Poe Polanski Pollock Pope Prokofiev Presley Proust
    Puccini Purcell Pushkin Raphael Ravel Rembrandt Renoir Rilke Rimbaud Rodin Rossini Rubens Ruskin Sartre Schiller
    Schoenberg Schubert Schumann Scorsese Shakespeare Shelley Shostakovich Sibelius Sinatra Spielberg Springsteen
    Stendhal Strauss Stravinsky Swift Tarantino Tarkovsky Tchaikovsky Tennyson Thoreau Titian Tolkien Tolstoy Turgenev
    Twain Van Gogh Velázquez Verdi Vermeer Virgil Vivaldi Voltaire Wagner Warhol Welles Whitman Wilde Woolf Wordsworth
    Yeats Zola Adele Aerosmith Albee Allende Almodóvar Altman Anouilh Antonioni Aristophanes Arrau Ashbery Bakst
    Ballard Banksy Barthes Bartok Basquiat Beatles Beyoncé Bizet Blok Boccaccio Borges Bosch Bradbury Brancusi Braque
    Breton Bresson Bruckner Bukowski Bulgakov Buñuel Burroughs Calder Calvino Canaletto Canova Capote Carver Cassatt
    Casals Cezanne Cézanne Chabrol Chagall Chandler Chaucer Clapton Cocteau Cohen Coltrane Congreve Corneille Correggio
    Coward Cranach Dahl Debussy Delacroix DeMille Derrida Diderot Domingo Donatello Donne Dostoyevsky Dryden Dunham Eco
    Edgeworth Ellington Ellison Epstein Ernst Euripides Fassbinder Flaherty Forster Foucault Fragonard Gaiman
    Galsworthy Gaudí Genet Ghirlandaio Gibran Gide Ginsberg Giotto Glass Gluck Goldsmith Gorky Gounod Grass Grieg Grimm
    Hals Hammerstein Hammett Hardy Heifetz Heinlein Herzog Hiddleston Hindemith Hockney Hokusai Holbein Hopper Housman
    Ingres Ishiguro Jarmusch Johns Jolson Jonson Kahlo Kandinsky Kazan Kerouac Klee Kokoschka Kundera Lang Larkin Leone
    Lermontov Lichtenstein Lloyd-Webber Longfellow Lorca Lubitsch Lucas Lynch Magritte Mailer Malevich Malick Mallarmé
    Mantegna Mapplethorpe Masaccio Massenet Maugham Maupassant Messiaen Miles Minnelli Mishima Mizoguchi Modigliani
    Monteverdi Moravia Mucha Murakami Murillo Murnau Musil Mussorgsky Nijinsky Nolan Offenbach Ozu Paganini Palladio
    Palestrina Parker Pasolini Pasternak Pavarotti Pessoa Piranesi Pirandello Pissarro Poulenc Poussin Preminger
    Pynchon Rabelais Rachmaninoff Racine Rauschenberg Resnais Rivera Rohmer Rossellini Rossetti Rothko Rowling Rushdie
    Sargent Satie Scarlatti Scriabin Segovia Seurat Sheridan Sondheim Sontag Sophocles Spenser Steinbeck Sterne
    Stoppard Strindberg Sullivan Synge Tagore Telemann Thackeray Tintoretto Toscanini Toulouse-Lautrec Trollope
    Truffaut Turner Updike Utamaro Varèse Vasari Veronese Visconti Vonnegut Wajda Walton Watteau Webern Weill Wells
    Wenders Wharton Whistler Wilder Wodehouse Wong Xenakis Zappa Zeffirelli
    """
)
"""Last words of the names of writers, painters, composers, singers and film directors whom everybody knows."""

RULERS_BY_FIRST_NAME = listed(
    """
    Adolf Afonso Agrippina Alaric Albert Alexander Alexios Alfonso Alfred Amenhotep Anastasius Andronikos Anna Anne
    Antiochus Antony Arthur Athelstan Augustus Baldwin Basil Beatrice Bernard Boniface Canute Caroline Casimir
    Catherine Charles Christian Christina Claudius Cleopatra Clotilde Cnut Conrad Constans Constantine Constantius
    Cyrus Darius David Demetrius Edgar Edmund Edward Edwin Eleanor Elizabeth Eric Ethelred Æthelred Ferdinand Francis
    Frederick George Godfrey Gustav Gustavus Harald Harold Henry Herod Hugh Ibrahim Isabella Ivan James Jane Joan
    Joanna John Joseph Julian Justin Kangxi Leo Leopold Llywelyn Louis Louise Magnus Malcolm Manuel Margaret Maria Mary
    Matilda Maurice Maximilian Mehmed Mongkut Murad Naresuan Nicholas Odo Olaf Osman Otto Owain Pepin Peter Philip
    Qianlong Ramesses Raymond Richard Robert Roger Rudolf Rupert Sancho Selim Seleucus Sigismund Sophia Stephen
    Suleiman Theodora Theodore Theodoric Theodosius Tostig Valdemar Victoria Vladimir Wenceslaus Wilhelm William
    Yaroslav Zeno
    """
)
"""Given names by which rulers of the past are called alone."""
