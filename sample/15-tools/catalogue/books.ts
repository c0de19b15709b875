export const SUBJECTS = ['biology', 'fiction', 'philosophy', 'physics'] as const;
export type Subject = (typeof SUBJECTS)[number];

export const BRANCHES = ['north', 'south'] as const;
export type Branch = (typeof BRANCHES)[number];

export interface Book {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  readonly year: number;
  readonly subject: Subject;
  /** How many copies each branch owns. */
  readonly copies: Readonly<Record<Branch, number>>;
}

export const BOOKS: readonly Book[] = [
  book('origin', 'On the Origin of Species', 'Charles Darwin', 1859, 'biology', 2, 1),
  book('micrographia', 'Micrographia', 'Robert Hooke', 1665, 'biology', 0, 1),
  book('beagle', 'The Voyage of the Beagle', 'Charles Darwin', 1839, 'biology', 1, 1),
  book('frankenstein', 'Frankenstein', 'Mary Shelley', 1818, 'fiction', 3, 2),
  book('pride', 'Pride and Prejudice', 'Jane Austen', 1813, 'fiction', 2, 2),
  book('moby-dick', 'Moby-Dick', 'Herman Melville', 1851, 'fiction', 1, 0),
  book('time-machine', 'The Time Machine', 'H. G. Wells', 1895, 'fiction', 1, 2),
  book(
    'vindication',
    'A Vindication of the Rights of Woman',
    'Mary Wollstonecraft',
    1792,
    'philosophy',
    1,
    1,
  ),
  book('on-liberty', 'On Liberty', 'John Stuart Mill', 1859, 'philosophy', 0, 2),
  book('sidereus', 'Sidereus Nuncius', 'Galileo Galilei', 1610, 'physics', 1, 0),
  book('opticks', 'Opticks', 'Isaac Newton', 1704, 'physics', 1, 1),
  book(
    'relativity',
    'Relativity: The Special and the General Theory',
    'Albert Einstein',
    1916,
    'physics',
    2,
    1,
  ),
];

function book(...[id, title, author, year, subject, north, south]: [...Row, number, number]): Book {
  return { id, title, author, year, subject, copies: { north, south } };
}

type Row = [id: string, title: string, author: string, year: number, subject: Subject];
