import { OCCURRENCES, REVISIONS, type Revision } from './occurrences.js';

/**
 * Places are written `2025-03-26..2025-11-25 basic/lifecycle#timeouts.1-2,4`: a revision or the first and the last of
 * several, a page, the anchor of a section (none before the first heading), and the key words that are meant, counted
 * from the beginning of the section.
 */
const NOTATION = /^([\d-]{10})(?:\.\.([\d-]{10}))? ([a-z/-]+)#([a-z\d-]*)\.([\d,-]+)$/;

/** Pages whose requirements are not listed. */
export const LEFT_OUT: readonly (readonly [page: RegExp, reason: string])[] = [
  [/^basic\/authorization/, 'a subject of its own, with tests of its own'],
  [
    /^basic\/utilities\/tasks$/,
    'tasks of that revision, an experiment that was given up, are not offered; see the topic of the extension',
  ],
  [/^schema$/, 'it repeats what the pages say'],
  [/^(changelog|deprecated)$/, 'it tells of other pages'],
];

/** One use of a key word. */
export interface Place {
  readonly revision: Revision;
  readonly key: string;
}

export function parsePlaces(text: string): Place[] {
  const [, first = '', last = first, page = '', section = '', numbers = ''] = NOTATION.exec(text) ?? [];
  const [from, to] = [first, last].map((revision) => REVISIONS.indexOf(revision as Revision)) as [
    number,
    number,
  ];
  if (from < 0 || to < from) throw new Error(`Not a place: ${text}`);
  return REVISIONS.slice(from, to + 1).flatMap((revision) =>
    numbersIn(numbers).map((number) => ({ revision, key: `${revision} ${page}#${section}.${number}` })),
  );
}

/** Every use of a key word on the pages that are not left out. */
export function everyPlace(): Place[] {
  return REVISIONS.flatMap((revision) =>
    Object.entries(OCCURRENCES[revision])
      .filter(([page]) => !LEFT_OUT.some(([pattern]) => pattern.test(page)))
      .flatMap(([page, sections]) =>
        sections.split(' ').flatMap((section) => placesOf(revision, page, section)),
      ),
  );
}

/** How many uses of key words are on the pages that are left out. */
export function countLeftOut(revision: Revision): number {
  return Object.entries(OCCURRENCES[revision])
    .filter(([page]) => LEFT_OUT.some(([pattern]) => pattern.test(page)))
    .flatMap(([page, sections]) =>
      sections.split(' ').flatMap((section) => placesOf(revision, page, section)),
    ).length;
}

function placesOf(revision: Revision, page: string, sectionTimes: string): Place[] {
  const [, section = '', times = '0'] = /^(.*)\.(\d+)$/.exec(sectionTimes) ?? [];
  return Array.from({ length: Number(times) }, (_, index) => ({
    revision,
    key: `${revision} ${page}#${section}.${index + 1}`,
  }));
}

function numbersIn(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
