import assert from 'node:assert/strict';
import type { LogLimits } from '../../adapters/store.js';
import { append, assertChained, bodies, LOGGED, nextId, slice, storeCase, write } from './support.js';

const FEW: LogLimits = { maxEntries: 40, maxBytes: 1024 * 1024, ifFull: 'drop' };
const REFUSE: LogLimits = { maxEntries: 4, maxBytes: 1_000, ifFull: 'refuse' };

export const limitCases = [
  storeCase(
    'drops the oldest when there is no more room, so that a reader notices',
    async ({ first, second }) => {
      await write(first, LOGGED);
      const positions: string[] = [];
      for (let n = 0; n < 120; n++) {
        const store = n % 2 ? first : second;
        positions.push((await append(store, 'tag', `${n}`, { limits: FEW })).position);
        const { entries, tail } = await slice(store, 'tag');
        assert.ok(entries.length <= FEW.maxEntries, 'the limit is kept');
        assert.ok(entries.length >= Math.min(n + 1, FEW.maxEntries / 2), 'no more is dropped than is useful');
        assert.equal(tail, positions.at(-1));
        assert.deepEqual(
          entries.map(({ position }) => position),
          positions.slice(-entries.length),
          'the newest are kept',
        );
      }
      const { entries } = await slice(second, 'tag', positions[0]);
      assert.notEqual(entries[0]?.previous, positions[0], 'there is a gap after a place long ago');
      assertChained(await slice(second, 'tag', positions.at(-3)), positions.at(-3));
    },
  ),

  storeCase('counts bytes, not characters', async ({ first }) => {
    await write(first, LOGGED);
    const limits = { ...FEW, maxBytes: 3_000 };
    for (let n = 0; n < 30; n++) await append(first, 'tag', '日本語'.repeat(33), { limits });
    const bytes = (await bodies(first, 'tag')).reduce((sum, body) => sum + Buffer.byteLength(body), 0);
    assert.ok(bytes <= 3_000 && bytes >= 1_000, `${bytes} bytes of 3000`);
    const large = await append(first, 'tag', 'x'.repeat(5_000), { limits });
    assert.equal((await slice(first, 'tag')).entries.at(-1)?.position, large.position, 'the newest is kept');
    await append(first, 'tag', 'small', { limits });
    assert.equal((await bodies(first, 'tag')).at(-1), 'small');
  }),

  storeCase('keeps a quiet stream beside a chatty one', async ({ first, second }) => {
    await write(first, LOGGED);
    const quiet: string[] = [];
    for (let n = 0; n < 5; n++)
      quiet.push((await append(first, 'quiet', `quiet ${n}`, { limits: FEW })).position);
    for (let n = 0; n < 200; n++) await append(second, 'chatty', `${n}`, { limits: FEW });
    const all = await slice(first, 'quiet', quiet[0]);
    assert.deepEqual(
      all.entries.map(({ body }) => body),
      ['quiet 1', 'quiet 2', 'quiet 3', 'quiet 4'],
    );
    assertChained(all, quiet[0]);
    const next = await append(second, 'quiet', 'next', { limits: FEW });
    assert.equal(next.previous, quiet.at(-1));
  }),

  storeCase(
    'keeps the newest of each of several streams before the older of others',
    async ({ first, second }) => {
      await write(first, LOGGED);
      for (let n = 0; n < 8; n++) await append(first, `answered-${n}`, 'answer', { limits: FEW });
      for (let n = 0; n < 300; n++) await append(second, `chatty-${n % 5}`, `${n}`, { limits: FEW });
      for (let n = 0; n < 8; n++) assert.deepEqual(await bodies(second, `answered-${n}`), ['answer']);
    },
  ),

  storeCase('knows the tail of a stream whose entries were dropped', async ({ first, second }) => {
    await write(first, LOGGED);
    const { position: tail } = await append(first, 'quiet', 'quiet', { limits: FEW });
    for (let n = 0; n < 150; n++) await append(second, `other-${n}`, `${n}`, { limits: FEW });
    const found = await slice(first, 'quiet', tail);
    assert.deepEqual(found, { entries: [], tail, isAll: true }, 'nothing is missing after it');
    assert.equal((await append(second, 'quiet', 'next', { limits: FEW })).previous, tail);
  }),

  storeCase('refuses when there is no more room, until something was trimmed', async ({ first, second }) => {
    const marker = { scope: LOGGED.scope, name: 'marker', hasLog: false };
    await write(first, LOGGED);
    await write(first, marker);
    const positions: string[] = [];
    for (let n = 0; n < 4; n++)
      positions.push((await append(first, 'tag', `${n}`, { limits: REFUSE })).position);
    for (const store of [first, second]) {
      const options = { id: nextId(), consume: marker, limits: REFUSE };
      assert.equal(await store.append(LOGGED, 'tag', 'more', options), 'full');
    }
    assert.ok(await second.read(marker), 'nothing is consumed');
    assert.deepEqual(await bodies(second, 'tag'), ['0', '1', '2', '3'], 'nothing is dropped');
    await first.trim(LOGGED, 'tag', positions[1] as string);
    await append(second, 'tag', 'x'.repeat(900), { consume: marker, limits: REFUSE });
    assert.equal(
      await first.append(LOGGED, 'tag', 'y'.repeat(200), { id: nextId(), limits: REFUSE }),
      'full',
    );
    await first.trim(LOGGED, 'tag', (await slice(first, 'tag')).tail as string);
    await append(second, 'tag', 'z'.repeat(2_000), { limits: REFUSE });
    assert.equal((await bodies(first, 'tag')).length, 1, 'one that is alone may be larger');
  }),

  storeCase('bounds the streams that it knows of', async ({ first, second }) => {
    await write(first, LOGGED);
    for (let n = 0; n < 1_500; n += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          append(i % 2 ? first : second, `tag-${n + i}`, 'x', { limits: FEW }),
        ),
      );
    }
    // A store does not hide that it dropped a stream: a reader of a dropped stream finds no tail.
    const { position } = await append(first, 'tag-0', 'again', { limits: FEW });
    assert.equal((await slice(second, 'tag-0')).tail, position);
    assert.deepEqual(await bodies(second, 'tag-1499'), ['x']);
  }),
];
