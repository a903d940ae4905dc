"""Dictionaries of people: given names and surnames of many languages, and the best-known statesmen and artists."""

from __future__ import annotations

from metal.applications.entity.listed import listed

GIVEN_NAMES = listed(
    """
    Aaron Abdul Abdullah Abigail Abraham Adam Adolf Adrian Agnes Ahmed Alan Albert Alberto Albrecht Alec Aleksandr
    Alex Alexander Alexandra Alexandre Alexei Alfonso Alfred Alfredo Ali Alice Alison Allan Allen Amanda Amy Ana
    Anatole Anders Andre Andrea Andreas Andrei Andrew Andrzej André Andy Angela Angelo Anita Ann Anna Anne Annie
    Anthony Antoine Anton Antonio Antony António Anwar April Archibald Arnold Art Arthur Arturo Ashley Audrey August
    Augustus Aung Axel Barack Barbara Barry Bartolomeo Beatrice Ben Benito Benjamin Benny Bernard Bernardo Bert
    Bertrand Beth Betty Bill Billy Bob Bobby Bonnie Boris Brad Bradley Brandon Brenda Brendan Brett Brian Brigitte
    Bruce Bruno Bryan Burt Byron Calvin Cameron Camille Carl Carla Carlo Carlos Carmen Carol Caroline Caterina
    Catherine Cecil Cecilia Cesar Chad Charles Charlie Charlotte Che Cheryl Chester Chris Christian Christina
    Christine Christopher Chuck Cindy Claire Clara Clarence Claude Claudia Clay Clement Clifford Clint Clive Colin
    Connie Conrad Constance Craig Cristina Curtis Cynthia Cyril Daisy Dale Dan Daniel Daniele Danny Dante Darren Dave
    David Dean Debbie Deborah Denis Dennis Derek Diana Diane Dick Diego Dieter Dimitri Dmitri Dmitry Dominic Don
    Donald Donna Dora Doris Dorothy Doug Douglas Duncan Dwight Earl Ed Eddie Edgar Edith Edmund Eduard Eduardo Edward
    Edwin Eileen Elaine Eleanor Elena Eli Elias Elijah Elisabeth Elizabeth Ella Ellen Elliott Elmer Elsa Elvis Emanuel
    Emil Emilio Emily Emma Emmanuel Enrico Enrique Eric Erich Erik Ernest Ernst Erwin Esther Ethan Ethel Eugene Eugen
    Eva Evan Eve Evelyn Ezra Fanny Felix Ferdinand Fernando Fidel Fiona Florence Floyd Frances Francesca Francesco
    Francis Francisco Franco Frank Frankie Franklin Franz François Fred Freddie Frederic Frederick Friedrich Fritz
    Gabriel Gareth Gary Gavin Gene Geoff Geoffrey Georg George Georges Georgia Gerald Gerard Gerhard Germaine Gertrude
    Gianni Giacomo Gilbert Gilles Giorgio Giovanni Giulio Giuseppe Glen Glenn Gloria Gordon Grace Graeme Graham Grant
    Greg Gregory Greta Guido Guillaume Gunther Gustav Gustave Guy Günter Hal Hamid Hank Hannah Hans Harold Harriet
    Harry Harvey Hassan Hector Heather Hedwig Heinrich Heinz Helen Helena Helmut Henri Henrik Henry Herbert Herman
    Hermann Hiroshi Holly Homer Horace Howard Hubert Hugh Hugo Humphrey Hussein Ian Ibrahim Ida Ignacio Igor Ingrid
    Irene Iris Irving Isaac Isabel Isabella Isabelle Ivan Jack Jackie Jackson Jacob Jacqueline Jacques Jaime Jake
    Jakob James Jamie Jan Jane Janet Janice Jason Javier Jay Jean Jeff Jefferson Jeffrey Jennifer Jenny Jeremy Jerome
    Jerry Jesse Jessica Jesus Jill Jim Jimi Jimmy Joachim Joan Joanna Joanne Joaquín Joe Joel Johan Johann Johannes
    John Johnny Jon Jonas Jonathan Jordan Jorge Joseph Joshua José Josef Juan Judith Judy Jules Julia Julian Julie
    Juliet Julio Julius Jun June Justin Jörg Jürgen Karen Karin Karl Kate Katharine Katherine Kathleen Kathryn Kathy
    Katie Kay Keith Kelly Ken Kenji Kenneth Kerry Kevin Khalid Kim Kirk Klaus Konrad Konstantin Kristen Kurt Kyle
    Larry Lars Laura Lauren Laurence Laurent Lawrence Lee Lena Leo Leon Leonard Leonardo Leonid Leopold Leroy Les
    Leslie Lester Lewis Liam Lillian Lily Linda Lisa Liz Lloyd Lois Lorenzo Lou Louis Louisa Louise Luc Luca Lucas
    Lucia Lucien Lucy Ludwig Luigi Luis Luke Luther Luís Lydia Lyndon Lynn Mabel Madeleine Mahmoud Malcolm Manfred
    Manuel Marc Marcel Marco Marcus Margaret Margarita Maria Marian Marianne Marie Marilyn Mario Marion Mark Marlon
    Marshall Martha Martin Marvin Mary Mathieu Matilda Matt Matteo Matthew Matthias Maud Maureen Maurice Max
    Maximilian Maxwell May Mehmed Mehmet Melissa Meredith Michael Michel Michelle Miguel Mikhail Mike Mildred Miles
    Milton Mohamed Mohammad Mohammed Molly Monica Morris Moses Muhammad Murray Mustafa Myron Nadia Nancy Naomi
    Napoleon Natalia Natalie Natasha Nathan Nathaniel Neil Nelson Nicholas Nick Nicola Nicolas Nicole Nigel Nikita
    Nikolai Nikolaus Nils Nina Noah Noam Noel Nora Norma Norman Oleg Oliver Olivia Omar Orson Oscar Oskar Osman Oswald
    Otto Owen Pablo Pamela Paolo Pascal Pat Patricia Patrick Paul Paula Pauline Pavel Pearl Pedro Peggy Penelope Percy
    Perry Pete Peter Petra Phil Philip Philippe Phillip Phyllis Pierre Pietro Priscilla Rachel Rafael Ralph Ramón
    Randy Raphael Raul Ravi Ray Raymond Rebecca Reginald René Rex Reza Ricardo Richard Rick Ricky Rita Rob Robert
    Roberta Roberto Robin Rod Roderick Rodney Rodrigo Roger Roland Rolf Roman Ron Ronald Ronnie Rory Rosa Rosalind
    Rose Rosemary Ross Roy Rudolf Rudolph Rudy Rufus Rupert Russ Russell Ruth Ryan Sabine Salim Sally Salvador Sam
    Samantha Samuel Sandra Sandy Sara Sarah Scott Sean Sebastian Sergei Sergio Seth Shane Sharon Shaun Sheila Shirley
    Sidney Siegfried Sigmund Silvio Simon Simone Sofia Sonia Sophia Sophie Spencer Stan Stanislav Stanley Stefan
    Stefano Stella Stephanie Stephen Steve Steven Stewart Stuart Sue Susan Susanna Suzanne Sven Sylvester Sylvia
    Takashi Tamara Tariq Ted Teresa Terence Terry Theodor Theodore Theresa Thérèse Thomas Tim Timothy Tina Todd Tom
    Tommy Toni Tony Tracy Trevor Ulrich Umberto Ursula Valentina Valerie Vanessa Vasily Vera Vernon Veronica Victor
    Victoria Vijay Vincent Vincenzo Viola Violet Virginia Vittorio Vivian Vladimir Walt Walter Wanda Warren Wayne
    Wendy Werner Wilfred Wilhelm Will Willem William Willie Wilson Winifred Winston Wolf Wolfgang Woody Yasmin Yitzhak
    Yoko Yuri Yves Yvonne Zachary Zhang Zoe
    """
)
"""First words of a person's name. Names that begin many organizations' names too (Washington, Victoria) are few."""

SURNAMES = listed(
    """
    Adams Alexander Ali Allen Anderson Andrews Armstrong Arnold Atkinson Bailey Baker Ball Banks Barnes Barrett Barton
    Bates Beck Becker Bell Bennett Bergman Berry Bishop Black Blair Blake Booth Bowman Boyd Bradley Brooks Brown
    Bryant Burke Burns Burton Butler Byrne Campbell Carpenter Carr Carroll Carter Chapman Chen Clark Clarke Cohen Cole
    Coleman Collins Cook Cooper Cox Crawford Cross Cruz Cunningham Curtis Davidson Davies Davis Dawson Dean Diaz Dixon
    Douglas Doyle Duncan Dunn Edwards Elliott Ellis Evans Ferguson Fernandez Fischer Fisher Fleming Fletcher Flynn
    Ford Foster Fowler Fox Francis Fraser Freeman Fuller Garcia Gardner George Gibson Gill Gomez Gonzalez Goodman
    Gordon Graham Grant Graves Gray Green Greene Griffin Griffiths Gupta Hall Hamilton Hansen Harper Harris Harrison
    Hart Harvey Hayes Henderson Henry Hernandez Hicks Hill Hoffman Holland Holmes Holt Hopkins Howard Howell Hudson
    Hughes Hunt Hunter Jackson Jacobs James Jenkins Jensen Johnson Johnston Jones Jordan Joseph Kaplan Kaufman Keller
    Kelley Kelly Kennedy Khan Kim King Klein Knight Kumar Lambert Lane Larson Lawrence Lawson Lee Lewis Lin Little Liu
    Lloyd Long Lopez Lowe Lucas Lynch Macdonald Marsh Marshall Martin Martinez Mason Matthews May Mayer McCarthy
    McDonald McKenzie McLean Mendoza Meyer Miller Mills Mitchell Moore Morales Moran Morgan Morris Morrison Moss
    Mueller Murphy Murray Müller Myers Nelson Newman Nguyen Nichols Nicholson Nielsen Norman Olsen Olson Owen Owens
    Palmer Park Parker Parsons Patel Patterson Payne Pearson Perez Perkins Perry Peters Petersen Peterson Phillips
    Pierce Pope Porter Potter Powell Price Quinn Ramirez Ramos Ray Reed Reid Reyes Reynolds Rice Richards Richardson
    Riley Rivera Roberts Robertson Robinson Rodriguez Rogers Romero Rose Ross Rossi Roth Russell Ryan Sanchez Sanders
    Santos Saunders Schmidt Schneider Schröder Schultz Schwartz Scott Sharma Shaw Silva Simmons Simon Simpson Singh
    Smith Snyder Spencer Stephens Stevens Stevenson Stewart Stone Sullivan Sutherland Sutton Taylor Thomas Thompson
    Thomson Thornton Torres Tucker Turner Tyler Vance Vargas Vaughan Wagner Walker Wallace Walsh Wang Ward Warner
    Warren Watkins Watson Watts Weaver Webb Weber Webster Weiss Welch Wells West Wheeler White Whitman Wilkins
    Wilkinson Williams Williamson Willis Wilson Winter Wolf Wong Wood Woods Wright Wu Yang Young Zhang Zimmerman
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
    Kerensky Khomeini Khrushchev Kissinger Kohl Lenin Lincoln Lumumba Macron Madison Mandela Mao Marcos McCain
    McKinley Medvedev Meiji Merkel Metternich Mitterrand Modi Molotov Mubarak Mugabe Mussolini Napoleon Nasser Nehru
    Nero Netanyahu Nixon Nkrumah Obama Palmerston Peel Perón Pinochet Pitt Polk Pompidou Putin Rabin Ramesses Reagan
    Robespierre Romney Roosevelt Sadat Saladin Salazar Sanders Sarkozy Schröder Stalin Suharto Suleiman Sukarno Taft
    Thatcher Tiberius Tito Trajan Trotsky Trudeau Truman Trump Tudjman Vespasian Walpole Whitlam Yeltsin Zelensky Zhou
    Ptolemy
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
    Yeats Zola
    """
)
"""Last words of the names of writers, painters, composers, singers and film directors whom everybody knows."""
