import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOPICS } from './index.js';
import { REVISIONS } from './occurrences.js';
import { everyPlace, parsePlaces } from './places.js';
import { summary } from './summary.js';
import { titlesIn } from './titles.js';

const requirements = TOPICS.flatMap((topic) => topic.requirements);
const proven = requirements.flatMap(({ tests = [], text }) => tests.map((test) => ({ test, text })));

describe('the requirements of the specification', () => {
  it('have tests or a reason for having none, each', () => {
    const isOdd = ({ tests = [], reason = '' }: (typeof requirements)[number]) =>
      tests.length > 0 === reason.length > 0;
    expect(requirements.filter(isOdd)).toEqual([]);
  });

  it('name tests that exist', () => {
    const titles = new Map<string, ReadonlySet<string>>();
    const missing = proven.filter(({ test }) => {
      const [file = '', title = ''] = split(test);
      if (!titles.has(file)) titles.set(file, titlesIn(file));
      return !titles.get(file)?.has(title);
    });
    expect(missing).toEqual([]);
  });

  it('cover every key word of the pages, in every revision', () => {
    const listed = TOPICS.flatMap((topic) => [...topic.requirements, ...topic.others])
      .flatMap(({ at }) => at.flatMap(parsePlaces))
      .map(({ key }) => key);
    const known = everyPlace().map(({ key }) => key);
    expect(known.filter((key) => !listed.includes(key))).toEqual([]);
    expect(listed.filter((key) => !known.includes(key))).toEqual([]);
  });

  it('are not taken for something else at the same place', () => {
    const keysOf = (entries: readonly { readonly at: readonly string[] }[]) =>
      entries.flatMap(({ at }) => at.flatMap(parsePlaces)).map(({ key }) => key);
    const others = keysOf(TOPICS.flatMap((topic) => topic.others));
    const ours = new Set(keysOf(requirements));
    expect(others.filter((key) => ours.has(key))).toEqual([]);
    expect(others.filter((key, index) => others.indexOf(key) !== index)).toEqual([]);
  });

  it('are counted', () => {
    const lines = summary(TOPICS);
    process.stdout.write(`${lines.join('\n')}\n`);
    expect(lines).toHaveLength(REVISIONS.length + 2);
  });
});

describe('titles of tests', () => {
  it('are read as they are written', () => {
    const titles = titlesIn('requirements/requirements.spec.ts');
    expect(titles).toContain('are read as they are written');
    expect(titles).not.toContain('titles of tests');
  });

  it('are none in a file that is not there', () => {
    expect(titlesIn('requirements/nothing.spec.ts').size).toBe(0);
  });
});

describe('the page about schemas', () => {
  it('names the dialects of JSON Schema that it validates', () => {
    const page = readFileSync(join(import.meta.dirname, '../../sample/schemas.md'), 'utf8');
    expect(page).toMatch(/JSON Schema[^]*?2020-12[^.]*draft-07/);
  });
});

function split(test: string): string[] {
  const colon = test.indexOf(': ');
  return [test.slice(0, colon), test.slice(colon + 2)];
}
