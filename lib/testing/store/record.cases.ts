import assert from 'node:assert/strict';
import type { StoreKey } from '../../adapters/store.js';
import { assertSameJson } from '../json.js';
import {
  append,
  bodies,
  BOTH,
  LOGGED,
  LONG_MS,
  nextId,
  PLAIN,
  record,
  storeCase,
  WIDE,
  write,
} from './support.js';

/** Names and values that naive code takes for something else. */
export const HOSTILE_TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  '@v',
  '.',
  '..',
  '*',
  '>',
  '$1',
  "'; drop table records; --",
  '{tag}',
  '}',
  '%s%n',
  '\\u0000\\',
  'lines\nand\r\nreturns\u2028\u2029, a tab \t',
  'Grüße, 日本語, 👩‍👩‍👧, é',
  '{"looks":"like JSON"}',
];

/** Keys that differ, however they are joined. */
const SIMILAR_KEYS: readonly (readonly [scope: string, name: string])[] = [
  ['a', 'b'],
  ['a', 'B'],
  ['A', 'b'],
  ['a-b', 'c'],
  ['a', 'b-c'],
  ['a_b', 'c'],
  ['a', 'b_c'],
  ['ab', 'c'],
  ['a', 'bc'],
  ['__proto__', 'constructor'],
  ['constructor', '__proto__'],
  ['-', '_'],
  ['_', '-'],
  ['0', '1'],
  ['x'.repeat(64), 'y'.repeat(64)],
  ['x'.repeat(64), 'y'.repeat(63)],
  ['x'.repeat(63), 'y'.repeat(64)],
];

export const recordCases = [
  storeCase('knows nothing of a record that was not written', async ({ first, second }) => {
    for (const key of BOTH) {
      for (const store of [first, second]) {
        assert.equal(await store.read(key), undefined);
        assert.equal(await store.read(key, []), undefined);
        assert.equal(await store.assign(key, { field: 'value' }), undefined);
        assert.equal(await store.touch(key, LONG_MS), undefined);
        assert.equal(await store.remove(key), undefined);
        assert.equal(await store.write(key, {}, { ttlMs: LONG_MS, ifVersion: 'unknown' }), undefined);
      }
      assert.equal(await second.read(key), undefined, 'nothing came into being');
    }
    assert.equal(await first.append(LOGGED, 'tag', 'body', { id: nextId(), limits: WIDE }), 'gone');
    assert.equal(await second.entries(LOGGED, 'tag', undefined, 10), undefined);
    await first.trim(LOGGED, 'tag', '1.id');
    assert.equal(await second.read(LOGGED), undefined, 'nothing came into being');
  }),

  storeCase('gives a record to every instance, as it was written', async ({ first, both }) => {
    const fields = Object.fromEntries(HOSTILE_TEXTS.map((name, n) => [name, HOSTILE_TEXTS.at(-n) as string]));
    for (const key of BOTH) {
      const version = await write(first, key, fields);
      for (const store of both) {
        const found = await record(store, key);
        assert.deepEqual(Object.entries(found.fields).sort(), Object.entries(fields).sort());
        assert.equal(found.version, version);
      }
      assert.equal(({} as { isAdmin?: unknown }).isAdmin, undefined);
    }
  }),

  storeCase('keeps a large value', async ({ first, second }) => {
    const large = 'Grüße, 日本語, 👋 '.repeat(20_000);
    for (const key of BOTH) {
      await write(first, key, { large });
      assert.ok((await record(second, key)).fields['large'] === large, 'a large value is not cut');
    }
  }),

  storeCase('reads the fields that are asked for, and those that are there', async ({ first, both }) => {
    for (const key of BOTH) {
      const version = await write(first, key, { a: '1', b: '2', '': '3' });
      for (const store of both) {
        assertSameJson((await store.read(key, ['b', 'c', 'constructor']))?.fields, { b: '2' });
        assertSameJson((await store.read(key, []))?.fields, {});
        assertSameJson((await store.touch(key, LONG_MS, { only: ['a', '', 'c'] }))?.fields, {
          a: '1',
          '': '3',
        });
        assertSameJson((await store.touch(key, LONG_MS))?.fields, { a: '1', b: '2', '': '3' });
        assert.equal((await store.read(key, []))?.version, version, 'reading and touching change no version');
      }
    }
  }),

  storeCase('keeps records apart whatever their keys are', async ({ first, second }) => {
    const keys: StoreKey[] = SIMILAR_KEYS.flatMap(([scope, name], n) => [
      { scope, name, hasLog: true },
      { scope, name: `${name.slice(0, 56)}-p${n}`, hasLog: false },
    ]);
    for (const [n, key] of keys.entries()) await write(first, key, { n: String(n) });
    for (const [n, key] of keys.entries())
      assertSameJson((await record(second, key)).fields, { n: String(n) });
    for (const [n, key] of keys.entries()) {
      if (key.hasLog) await append(first, 'tag', `of ${n}`, {}, key);
    }
    for (const [n, key] of keys.entries()) {
      if (!key.hasLog) continue;
      const entries = (await second.entries(key, 'tag', undefined, 10))?.entries ?? [];
      assert.deepEqual(
        entries.map(({ body }) => body),
        [`of ${n}`],
      );
    }
    await first.remove(keys[0] as StoreKey);
    for (const [n, key] of keys.entries()) assert.equal((await second.read(key, [])) === undefined, n === 0);
  }),

  storeCase('replaces a record with its fields and its log', async ({ first, second }) => {
    for (const key of BOTH) {
      const old = await write(first, key, { old: '1', both: 'old' });
      if (key.hasLog) await append(first, 'tag', 'old');
      const version = await write(second, key, { both: 'new' });
      assert.notEqual(version, old);
      assertSameJson((await record(first, key)).fields, { both: 'new' });
    }
    assert.deepEqual(await bodies(first, 'tag'), []);
  }),

  storeCase('lets exactly one write a record that is not there', async ({ first, second }) => {
    for (const key of BOTH) {
      const versions = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          (n % 2 ? first : second).write(key, { n: String(n) }, { ttlMs: LONG_MS, ifVersion: null }),
        ),
      );
      const winners = versions.flatMap((version, n) => (version === undefined ? [] : [n]));
      assert.equal(winners.length, 1, 'exactly one finds nothing');
      const { fields, version } = await record(first, key);
      assertSameJson(fields, { n: String(winners[0]) });
      assert.equal(version, versions[winners[0] as number]);
    }
  }),

  storeCase('lets exactly one change a version, and keeps the log', async ({ first, second }) => {
    for (const key of BOTH) {
      let version = await write(first, key, { round: '0', old: 'x' });
      if (key.hasLog) await append(first, 'tag', 'kept');
      for (let round = 0; round < 5; round++) {
        const before = version;
        const versions = await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            (n % 2 ? first : second).write(key, { n: String(n) }, { ttlMs: LONG_MS, ifVersion: before }),
          ),
        );
        const winners = versions.flatMap((each, n) => (each === undefined ? [] : [n]));
        assert.equal(winners.length, 1, 'exactly one finds the version');
        const found = await record(second, key);
        assertSameJson(found.fields, { n: String(winners[0]) }, 'all fields are replaced');
        version = found.version;
        assert.equal(version, versions[winners[0] as number]);
        assert.notEqual(version, before);
      }
    }
    assert.deepEqual(await bodies(second, 'tag'), ['kept']);
  }),

  storeCase('has no version twice, also after a removal', async ({ first, second }) => {
    for (const key of BOTH) {
      const versions: string[] = [];
      for (let n = 0; n < 4; n++) {
        const store = n % 2 ? first : second;
        versions.push(await write(store, key, { same: 'same' }));
        versions.push((await store.assign(key, { same: 'same' })) as string);
        if (n % 2) await first.remove(key);
        else await write(first, key);
      }
      assert.equal(new Set(versions).size, versions.length);
      await write(first, key);
      for (const old of versions) {
        assert.equal(await second.write(key, {}, { ttlMs: LONG_MS, ifVersion: old }), undefined);
        assert.equal(await second.remove(key, { ifVersion: old }), undefined);
      }
    }
  }),

  storeCase('assigns fields one by one, whoever else does', async ({ first, second }) => {
    for (const key of BOTH) {
      await write(first, key, { kept: 'kept', removed: 'x', changed: 'old' });
      if (key.hasLog) await append(first, 'tag', 'kept');
      const version = await first.assign(key, { removed: null, changed: 'new', 'never there': null });
      assert.equal((await record(second, key)).version, version);
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => (n % 2 ? first : second).assign(key, { [`f${n}`]: String(n) })),
      );
      const expected = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n}`, String(n)]));
      assertSameJson(
        sorted((await record(second, key)).fields),
        sorted({ ...expected, kept: 'kept', changed: 'new' }),
      );
      for (const name of HOSTILE_TEXTS) await second.assign(key, { [name]: name });
      const { fields } = await record(first, key);
      for (const name of HOSTILE_TEXTS)
        assert.equal(Object.getOwnPropertyDescriptor(fields, name)?.value, name);
    }
    assert.deepEqual(await bodies(second, 'tag'), ['kept']);
  }),

  storeCase('gives a removed record to exactly one', async ({ first, second }) => {
    for (const key of BOTH) {
      for (let round = 0; round < 5; round++) {
        await write(first, key, { round: String(round) });
        if (key.hasLog) await append(first, 'tag', 'gone');
        const removed = await Promise.all(
          Array.from({ length: 8 }, (_, n) => (n % 2 ? first : second).remove(key)),
        );
        assertSameJson(removed.filter(Boolean), [{ round: String(round) }]);
        assert.equal(await second.read(key), undefined);
      }
    }
    assert.equal(await first.entries(LOGGED, 'tag', undefined, 10), undefined);
    assert.equal(await second.append(LOGGED, 'tag', 'late', { id: nextId(), limits: WIDE }), 'gone');
    await write(first, LOGGED);
    assert.deepEqual(await bodies(second, 'tag'), [], 'a later record has a log of its own');
  }),

  storeCase('leaves a newer record alone when an older one is removed late', async ({ first, second }) => {
    for (const key of BOTH) {
      const old = await write(first, key, { of: 'the older' });
      const changed = await first.assign(key, { more: 'x' });
      const newer = await write(second, key, { of: 'the newer' });
      for (const version of [old, changed as string]) {
        assert.equal(await first.remove(key, { ifVersion: version }), undefined);
      }
      assertSameJson((await record(first, key)).fields, { of: 'the newer' });
      assertSameJson(await first.remove(key, { ifVersion: newer }), { of: 'the newer' });
      assert.equal(await second.read(key), undefined);
    }
  }),

  storeCase('is not changed through what it was given or gave out', async ({ first, both }) => {
    for (const key of BOTH) {
      const given: Record<string, string> = { field: 'value' };
      await write(first, key, given);
      given['field'] = 'changed';
      for (const store of both) {
        const { fields } = await record(store, key);
        Reflect.set(fields, 'field', 'changed');
        assertSameJson((await record(store, key)).fields, { field: 'value' });
      }
    }
    assert.equal(PLAIN.hasLog, false);
  }),
];

function sorted(fields: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
}
