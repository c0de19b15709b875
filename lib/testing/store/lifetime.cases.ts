import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Store, StoreKey } from '../../adapters/store.js';
import { waitFor } from '../bounded-case.js';
import { append, bodies, BOTH, LOGGED, LONG_MS, nextId, record, storeCase, WIDE, write } from './support.js';

/** A life that is over soon, and is not over before a test has looked. */
const SHORT_MS = 100;

/** How differently two instances may know the clock of their store. */
const SLACK_MS = 1_000;

export const lifetimeCases = [
  storeCase('ends a record when its time is over, for every method', async ({ first, second }) => {
    for (const key of BOTH) {
      const version = await write(first, key, { field: 'value' }, SHORT_MS);
      if (key.hasLog) await append(first, 'tag', 'of the first life');
      await ended(second, key);
      await ended(first, key);
      assert.equal(await first.assign(key, { field: 'late' }), undefined);
      assert.equal(await second.touch(key, LONG_MS), undefined);
      assert.equal(await first.write(key, {}, { ttlMs: LONG_MS, ifVersion: version }), undefined);
      assert.equal(await second.remove(key), undefined);
      if (key.hasLog) {
        assert.equal(await first.append(key, 'tag', 'late', { id: nextId(), limits: WIDE }), 'gone');
        assert.equal(await second.entries(key, 'tag', undefined, 10), undefined);
      }
      assert.equal(await first.read(key), undefined, 'nothing of this brings it back');
      assert.ok(await second.write(key, {}, { ttlMs: LONG_MS, ifVersion: null }), 'its key is free');
    }
    assert.deepEqual(await bodies(first, 'tag'), [], 'the log ended with it');
  }),

  storeCase('measures how long a record lives', async ({ first, second }) => {
    for (const key of BOTH) {
      await write(first, key, {}, LONG_MS);
      const { remainingMs: begin } = await record(second, key);
      assert.ok(begin > LONG_MS * 0.8 && begin <= LONG_MS + SLACK_MS, `${begin} ms of ${LONG_MS}`);
      await delay(20);
      const { remainingMs: later } = await record(second, key);
      assert.ok(begin - later >= 10, 'time passes');
      await first.assign(key, { field: 'value' });
      const { remainingMs: assigned } = await record(second, key);
      assert.ok(assigned <= later, 'an assignment leaves the time as it is');
    }
  }),

  storeCase('lets a record live on when it is touched', async ({ first, second }) => {
    for (const key of BOTH) {
      await delay((await touchedInTime(first, second, key)) * 1.5);
      const { remainingMs, fields } = await record(first, key);
      assert.ok(remainingMs > LONG_MS * 0.8);
      assert.equal(fields['field'], 'value');
    }
    assert.deepEqual(await bodies(first, 'tag'), ['kept'], 'the log lives as long as its record');
    await append(first, 'tag', 'more');
    assert.deepEqual(await bodies(second, 'tag'), ['kept', 'more']);
  }),

  storeCase('shortens a life, and renews one exactly where that is wanted', async ({ first, second }) => {
    for (const key of BOTH) {
      await write(first, key, {}, LONG_MS);
      await second.touch(key, 20_000);
      assert.ok((await record(first, key)).remainingMs <= 20_000 + SLACK_MS, 'a touch may shorten');
      await delay(30);
      const { remainingMs } = await record(first, key);
      await second.touch(key, 20_000, { exact: true });
      assert.ok((await record(first, key)).remainingMs > remainingMs, 'also where almost all of it remains');
    }
  }),

  storeCase('begins a new life with a write', async ({ first, second }) => {
    for (const key of BOTH) {
      // A store that is busy may take a while.
      const enoughMs = SHORT_MS * 5;
      let version = await write(first, key, {}, enoughMs);
      if (key.hasLog) await append(second, 'tag', 'kept');
      version = (await second.write(key, {}, { ttlMs: LONG_MS, ifVersion: version })) as string;
      assert.equal(typeof version, 'string', 'written in time');
      await delay(enoughMs * 1.2);
      assert.ok((await record(first, key)).remainingMs > LONG_MS * 0.8);
      if (key.hasLog) assert.deepEqual(await bodies(first, 'tag'), ['kept']);
      await write(first, key, {}, SHORT_MS);
      await ended(second, key);
    }
  }),

  storeCase(
    'does not let a record live on by what is appended, unless that is wanted',
    async ({ first, second }) => {
      await write(first, LOGGED, {}, 5_000);
      await delay(20);
      await append(second, 'tag', 'first');
      const { remainingMs } = await record(first, LOGGED);
      for (let n = 0; n < 5; n++) await append(second, 'tag', 'more');
      assert.ok((await record(first, LOGGED)).remainingMs <= remainingMs, 'a lease is not renewed by others');

      await write(first, LOGGED, {}, 400);
      for (let n = 0; n < 12; n++) {
        await delay(50);
        await append(n % 2 ? first : second, 'tag', `renewed ${n}`, { renew: true });
      }
      assert.equal((await bodies(second, 'tag')).length, 12, 'and is where that is wanted, with its log');
    },
  ),
];

/** Makes a record with an entry `kept` and touches it while it lives; gives how long it was to live, in milliseconds. */
async function touchedInTime(first: Store, second: Store, key: StoreKey): Promise<number> {
  // A machine that stalls until the time is over proves nothing: then again, with more time.
  for (const ttlMs of [SHORT_MS, SHORT_MS * 5, SHORT_MS * 20]) {
    const begin = Date.now();
    await write(first, key, { field: 'value' }, ttlMs);
    const kept = { id: nextId(), limits: WIDE };
    const appended = key.hasLog ? await second.append(key, 'tag', 'kept', kept) : undefined;
    const touched = await second.touch(key, LONG_MS);
    if (touched !== undefined || Date.now() - begin < ttlMs) {
      assert.ok(touched, 'a record that lives is touched');
      assert.notEqual(appended, 'gone', 'something is appended to a record that lives');
      return ttlMs;
    }
  }
  assert.fail('a touch takes so long that nothing can be said about the time of a record');
}

async function ended(store: Store, key: StoreKey): Promise<void> {
  await waitFor(async () => (await store.read(key, [])) === undefined, 'the time of a record to be over');
}
