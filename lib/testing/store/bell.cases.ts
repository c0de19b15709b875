import assert from 'node:assert/strict';
import { moment, openHandles, waitFor } from '../bounded-case.js';
import { append, bodies, Heard, LOGGED, LONG_MS, nextId, slice, storeCase, WIDE, write } from './support.js';

export const bellCases = [
  storeCase('rings at every instance for what is appended', async ({ first, second, both }) => {
    await write(first, LOGGED);
    const all = await Promise.all(both.map((store) => Heard.on(store, LOGGED)));
    for (const heard of all) {
      const isEntry = (bell: unknown) => bell === 'appended' || typeof bell === 'object';
      await heard.after(() => append(second, 'tag', 'body'), isEntry, 'a bell');
    }
    const { entries } = await slice(first, 'tag');
    for (const heard of all) {
      for (const { position, previous, body, ...rest } of heard.entries) {
        const entry = entries.find((each) => each.position === position);
        assert.deepEqual({ position, previous, body }, entry, 'a bell says what is in the log');
        assert.deepEqual(rest, { tag: 'tag' });
      }
      heard.stop();
    }
  }),

  storeCase('has in the log what it rings for', async ({ first, second }) => {
    await write(first, LOGGED);
    const missing: string[] = [];
    const looks: Promise<void>[] = [];
    const stop = await second.listen(LOGGED, (bell) => {
      if (typeof bell !== 'object') return;
      const look = bodies(second, 'tag').then((kept) => {
        if (!kept.includes(bell.body)) missing.push(bell.body);
      });
      looks.push(look);
    });
    await waitFor(async () => {
      await append(first, 'tag', nextId());
      return looks.length > 3;
    }, 'some bells');
    await Promise.all(looks);
    assert.deepEqual(missing, []);
    stop();
  }),

  storeCase('rings for removals, replacements and changes', async ({ first, second }) => {
    await write(first, LOGGED);
    const heard = await Heard.on(second, LOGGED);
    await moment();
    heard.bells.length = 0;
    const replace = () => write(first, LOGGED);
    await heard.after(replace, (bell) => bell === 'stale', 'a bell for a replaced record');
    heard.bells.length = 0;
    await heard.after(
      () => first.assign(LOGGED, { n: '1' }),
      (bell) => bell !== 'appended',
      'a bell for an assignment',
    );
    await moment();
    heard.bells.length = 0;
    const change = async () => {
      const { version } = (await first.read(LOGGED, [])) ?? {};
      await first.write(LOGGED, {}, { ttlMs: LONG_MS, ...(version !== undefined && { ifVersion: version }) });
    };
    await heard.after(change, () => true, 'a bell for a change');
    await moment();
    heard.bells.length = 0;
    const remove = async () => {
      await first.write(LOGGED, {}, { ttlMs: LONG_MS, ifVersion: null });
      await first.remove(LOGGED);
    };
    await heard.after(remove, (bell) => bell === 'stale', 'a bell for a removal');
    heard.stop();
  }),

  storeCase('rings for a key that has no record yet, and for no other key', async ({ first, second }) => {
    const others = [
      { ...LOGGED, scope: 'scope2' },
      { ...LOGGED, name: 'logged2' },
      { ...LOGGED, name: 'LOGGED' },
    ];
    const foreign = await Promise.all(others.map((key) => Heard.on(second, key)));
    const heard = await Heard.on(second, LOGGED);
    await write(first, LOGGED);
    await heard.after(
      () => append(first, 'tag', 'body'),
      (bell) => bell !== 'stale',
      'a bell',
    );
    await moment();
    for (const each of foreign) assert.deepEqual(each.entries, []);
    for (const each of [...foreign, heard]) each.stop();
  }),

  storeCase('rings no more once it was told so, and goes on for others', async ({ first, second }) => {
    await write(first, LOGGED);
    const [stopped, kept] = [await Heard.on(second, LOGGED), await Heard.on(second, LOGGED)];
    stopped.stop();
    stopped.stop();
    const count = stopped.bells.length;
    await kept.after(
      () => append(first, 'tag', 'body'),
      (bell) => typeof bell === 'object' || bell === 'appended',
      'a bell',
    );
    await moment();
    assert.equal(stopped.bells.length, count);
    kept.stop();
    const again = await Heard.on(second, LOGGED);
    again.bells.length = 0;
    await again.after(
      () => append(first, 'tag', 'more'),
      () => true,
      'a bell after listening anew',
    );
    again.stop();
  }),

  storeCase('has a listener as often as it was added', async ({ first, second }) => {
    await write(first, LOGGED);
    let count = 0;
    const ring = () => void count++;
    const stops = [await second.listen(LOGGED, ring), await second.listen(LOGGED, ring)];
    stops[0]?.();
    await waitFor(async () => {
      await append(first, 'tag', 'body');
      return count > 0;
    }, 'the bell of the one that is left');
    stops[1]?.();
  }),

  storeCase('appends to those who listen', async ({ first, second }) => {
    const marker = { scope: LOGGED.scope, name: 'marker', hasLog: false };
    await write(first, LOGGED);
    await write(first, marker);
    const options = () => ({ id: nextId(), consume: marker, ifHeard: true, limits: WIDE });
    const alone = await second.append(LOGGED, 'tag', 'alone', options());
    // A store that cannot tell has appended.
    if (alone === 'unheard') {
      assert.ok(await first.read(marker), 'nothing is consumed');
      assert.deepEqual(await bodies(first, 'tag'), []);
    }
    await write(first, marker);
    const heard = await Heard.on(first, LOGGED);
    assert.equal(typeof (await second.append(LOGGED, 'tag', 'heard', options())), 'object');
    assert.equal((await bodies(first, 'tag')).at(-1), 'heard');
    assert.equal(await first.read(marker), undefined);
    heard.stop();
  }),

  storeCase('leaves nothing running when nobody listens any more', async ({ first }) => {
    await write(first, LOGGED);
    (await Heard.on(first, LOGGED)).stop();
    const before = openHandles();
    for (let round = 0; round < 30; round++) {
      const heard = await Heard.on(first, { ...LOGGED, name: `key-${round}` });
      heard.stop();
    }
    await waitFor(() => openHandles() < before + 10, 'the timers of former listeners to go');
  }),

  storeCase('answers a ping, and closes alone', async ({ first, second }) => {
    await write(first, LOGGED);
    for (const store of [first, second]) await assert.doesNotReject(async () => store.ping());
    const heard = await Heard.on(first, LOGGED);
    await first.close();
    await first.close();
    await append(second, 'tag', 'after');
    assert.deepEqual(await bodies(second, 'tag'), ['after'], 'its records stay');
    const count = heard.bells.length;
    await append(second, 'tag', 'more');
    await moment();
    assert.equal(heard.bells.length, count, 'one that is closed rings no more');
  }),
];
