import assert from 'node:assert/strict';
import { assertSameJson, JSON_VALUES, vandalise } from '../json.js';
import { META, newSession, sessionCase } from './support.js';

const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '',
  'a.b',
  'a b',
  '日本語',
  '0',
];

export const stateCases = [
  sessionCase('has no state at first', async ({ first, second, id }) => {
    assertSameJson(await first.readState(id), {});
    assertSameJson(await second.readState(second.generateSessionId()), {});
  }),

  sessionCase('sets, replaces and removes state for every instance', async ({ first, second, id }) => {
    await first.writeState(id, 'one', { n: 1 });
    await second.writeState(id, 'two', 'zwei');
    for (const adapter of [first, second])
      assertSameJson(await adapter.readState(id), { one: { n: 1 }, two: 'zwei' });
    await second.writeState(id, 'one', [1, 2]);
    assertSameJson(await first.readState(id), { one: [1, 2], two: 'zwei' });
    await first.writeState(id, 'two', undefined);
    await first.writeState(id, 'never there', undefined);
    for (const adapter of [first, second])
      assert.deepEqual(Object.keys(await adapter.readState(id)), ['one']);
  }),

  sessionCase('keeps all that one instance writes to the state at once', async ({ first, second, id }) => {
    const keys = Array.from({ length: 10 }, (_, n) => `key ${n}`);
    await Promise.all(keys.map((key) => first.writeState(id, key, key)));
    assertSameJson(await second.readState(id), Object.fromEntries(keys.map((key) => [key, key])));
    await Promise.all(keys.slice(1).map((key) => first.writeState(id, key, undefined)));
    assertSameJson(await second.readState(id), { 'key 0': 'key 0' });
  }),

  sessionCase('keeps every JSON value as state', async ({ first, second, id }) => {
    for (const [n, value] of JSON_VALUES.entries()) await first.writeState(id, `key ${n}`, value);
    const state = await second.readState(id);
    for (const [n, value] of JSON_VALUES.entries()) assertSameJson(state[`key ${n}`], value);
    assert.equal(Object.keys(state).length, JSON_VALUES.length);
  }),

  sessionCase('keeps the state of two sessions apart', async ({ first, second, id }) => {
    const other = await newSession(second);
    await first.writeState(id, 'key', 'of the one');
    await second.writeState(other, 'key', 'of the other');
    await first.writeState(`${id}x`, 'key', 'of nobody');
    assertSameJson(await second.readState(id), { key: 'of the one' });
    assertSameJson(await first.readState(other), { key: 'of the other' });
    await first.end(id);
    assertSameJson(await first.readState(other), { key: 'of the other' });
  }),

  sessionCase('writes no state for a session that does not exist', async ({ first, second }) => {
    const id = first.generateSessionId();
    await first.writeState(id, 'key', 'value');
    assert.equal(await second.has(id), false);
    await second.create(id, META);
    assertSameJson(await first.readState(id), {});
  }),

  sessionCase('keeps state apart from the facts of the session', async ({ first, second, id }) => {
    await first.writeState(id, 'protocolVersion', 'not a fact');
    await first.writeState(id, 'principal', 'nobody');
    assertSameJson((await second.get(id))?.meta, META);
    assertSameJson((await second.open(id, 60_000))?.meta, META);
    assertSameJson(await second.readState(id), { protocolVersion: 'not a fact', principal: 'nobody' });
  }),

  sessionCase('is not changed through state it was given or gave out', async ({ first, second, id }) => {
    const given = { list: [1, { two: 2 }] };
    const expected = { key: structuredClone(given) };
    await first.writeState(id, 'key', given);
    vandalise(given);
    vandalise(await first.readState(id));
    vandalise(await second.readState(id));
    for (const adapter of [first, second]) assertSameJson(await adapter.readState(id), expected);
  }),

  sessionCase('takes keys that are named like parts of every object', async ({ first, second, id }) => {
    for (const key of HOSTILE_KEYS) await first.writeState(id, key, { isAdmin: true, key });
    const state = await second.readState(id);
    assert.deepEqual(Object.keys(state).sort(), [...HOSTILE_KEYS].sort());
    for (const key of HOSTILE_KEYS) assertSameJson(state[key], { isAdmin: true, key });
    assert.equal((state as { isAdmin?: unknown }).isAdmin, undefined, 'state has no prototype from outside');
    assert.equal(({} as { isAdmin?: unknown }).isAdmin, undefined, 'no other object is changed');
    for (const key of HOSTILE_KEYS) await second.writeState(id, key, undefined);
    assert.deepEqual(Object.keys(await first.readState(id)), []);
  }),
];
