import { expect, it } from '@jest/globals';
import { SharedPlaces } from '../../../lib/collections/shared-places.js';

function places(limit: number) {
  const displaced: string[] = [];
  return { displaced, places: new SharedPlaces<string>(limit, (item) => displaced.push(item)) };
}

it('lets one caller have all that nobody else wants, and no more', () => {
  const { places: shared, displaced } = places(3);
  expect([1, 2, 3, 4].map((n) => shared.take('a', `a${n}`))).toEqual([true, true, true, false]);
  expect([...shared.items()]).toEqual(['a1', 'a2', 'a3']);
  expect(displaced).toEqual([]);
});

it('gives whoever comes later what the greediest took last, until they have as much', () => {
  const { places: shared, displaced } = places(4);
  for (const n of [1, 2, 3, 4]) shared.take('a', `a${n}`);
  expect(['b1', 'b2', 'b3'].map((item) => shared.take('b', item))).toEqual([true, true, false]);
  expect(displaced).toEqual(['a4', 'a3']);
  expect(shared.size).toBe(4);
  expect(shared.hasRoom('a')).toBe(false);
  expect(shared.hasRoom('c')).toBe(true);
});

it('refuses everybody where each has one', () => {
  const { places: shared } = places(2);
  for (const holder of ['a', 'b']) shared.take(holder, holder);
  expect(shared.hasRoom('c')).toBe(false);
  expect(shared.leave('a')).toBe(true);
  expect(shared.leave('a')).toBe(false);
  expect(shared.take('c', 'c')).toBe(true);
});
