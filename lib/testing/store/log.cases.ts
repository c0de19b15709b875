import assert from 'node:assert/strict';
import type { AppendedEntry } from '../../adapters/store.js';
import { HOSTILE_TEXTS } from './record.cases.js';
import { append, assertChained, bodies, LOGGED, nextId, slice, storeCase, WIDE, write } from './support.js';

export const logCases = [
  storeCase('gives entries positions that name the one before', async ({ first, second, both }) => {
    await write(first, LOGGED);
    const lasts = new Map<string, string | undefined>();
    let number = 0;
    for (let n = 0; n < 20; n++) {
      const [tag, id] = [`tag-${n % 3}`, nextId()];
      const { position, previous } = await append(n % 2 ? first : second, tag, `${n}`, { id });
      const [digits, of] = position.split('.');
      assert.ok(Number(digits) > number, 'numbers grow through all tags');
      assert.equal(of, id, 'a position is a number and the id of the append');
      assert.equal(previous, lasts.get(tag), 'of its tag');
      number = Number(digits);
      lasts.set(tag, position);
    }
    for (const store of both) {
      for (const [tag, tail] of lasts) {
        const all = await slice(store, tag);
        assertChained(all);
        assert.equal(all.tail, tail);
        assert.equal(all.isAll, true);
      }
      assert.deepEqual(await slice(store, 'another'), { entries: [], tail: undefined, isAll: true });
    }
  }),

  storeCase('keeps what is appended at the same time, in one order', async ({ first, second }) => {
    await write(first, LOGGED);
    const appended = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const entry = await append(n % 2 ? first : second, n % 5 ? 'many' : 'few', `${n}`);
        return [entry.position, `${n}`] as const;
      }),
    );
    const of = new Map(appended);
    assert.equal(of.size, 100, 'positions are unique');
    for (const [tag, count] of [
      ['many', 80],
      ['few', 20],
    ] as const) {
      const all = await slice(first, tag);
      assertChained(all);
      assert.equal(all.entries.length, count);
      for (const { position, body } of all.entries) assert.equal(of.get(position), body);
      assert.deepEqual(await slice(second, tag), all, 'every instance sees the same');
    }
  }),

  storeCase('reads what follows a position, in parts', async ({ first, second }) => {
    await write(first, LOGGED);
    const positions: string[] = [];
    for (let n = 0; n < 12; n++) {
      positions.push((await append(first, 'tag', `${n}`)).position);
      await append(first, 'other', 'other');
    }
    for (const [n, after] of positions.entries()) {
      const all = await slice(second, 'tag', after);
      assert.deepEqual(
        all.entries.map(({ position }) => position),
        positions.slice(n + 1),
      );
      assertChained(all, after);
      const part = await slice(second, 'tag', after, 4);
      assert.deepEqual(part.entries, all.entries.slice(0, 4));
      assert.equal(part.tail, positions.at(-1));
      if (part.entries.length < all.entries.length) assert.equal(part.isAll, false);
      if (n === positions.length - 1) assert.equal(part.isAll, true);
    }
    assert.equal((await slice(second, 'tag', undefined, 5)).entries[0]?.position, positions[0]);
  }),

  storeCase('keeps bodies as they were given', async ({ first, second }) => {
    await write(first, LOGGED);
    const given = [...HOSTILE_TEXTS, 'r{"text":"Grüße, 日本語, 👋"}'.repeat(20_000), '\u0001\u007f'];
    for (const body of given) await append(first, 'tag', body);
    const kept = await bodies(second, 'tag');
    assert.equal(kept.length, given.length);
    for (const [n, body] of kept.entries()) assert.ok(body === given[n], `body ${n}`);
  }),

  storeCase('keeps tags and ids apart whatever they are', async ({ first, second }) => {
    await write(first, LOGGED);
    const names = [
      'a',
      'A',
      'a-b',
      'a_b',
      '-',
      '_',
      '0',
      '1',
      '__proto__',
      'constructor',
      'x'.repeat(64),
      'x'.repeat(63),
    ];
    for (const name of names) await append(first, name, `to ${name}`, { id: name });
    for (const name of names) {
      const { entries, tail } = await slice(second, name);
      assert.deepEqual(
        entries.map(({ body }) => body),
        [`to ${name}`],
      );
      assert.ok(tail?.endsWith(`.${name}`));
    }
  }),

  storeCase('appends once what is repeated', async ({ first, second }) => {
    await write(first, LOGGED);
    const expected: string[] = [];
    for (let n = 0; n < 10; n++) {
      const options = { id: nextId() };
      const once = await append(first, 'tag', `${n}`, options);
      expected.push(`${n}`);
      for (const store of [first, second, first]) {
        assert.deepEqual(await append(store, 'tag', `${n}`, { ...options, isRepeat: true }), once);
      }
      for (let more = 0; more < 5; more++) {
        await append(second, 'tag', `${n}/${more}`);
        expected.push(`${n}/${more}`);
        await append(second, 'other', 'other');
      }
      assert.deepEqual(await append(second, 'tag', `${n}`, { ...options, isRepeat: true }), once);
    }
    assert.deepEqual(await bodies(first, 'tag'), expected);
  }),

  storeCase('appends once what arrives after its own repetition', async ({ first, second }) => {
    await write(first, LOGGED);
    for (let n = 0; n < 5; n++) {
      const id = nextId();
      const once = await append(second, 'tag', `${n}`, { id, isRepeat: true });
      assert.deepEqual(await append(first, 'tag', `${n}`, { id }), once);
    }
    assert.deepEqual(await bodies(first, 'tag'), ['0', '1', '2', '3', '4']);
  }),

  storeCase('knows a repetition after entries before it were trimmed', async ({ first, second }) => {
    await write(first, LOGGED);
    const before = await append(first, 'tag', 'before');
    const id = nextId();
    const once = await append(first, 'tag', 'once', { id });
    await append(first, 'tag', 'after');
    await second.trim(LOGGED, 'tag', before.position);
    assert.deepEqual(await append(second, 'tag', 'once', { id, isRepeat: true }), once);
    assert.deepEqual(await bodies(first, 'tag'), ['once', 'after']);
  }),

  storeCase('trims what was handled, and goes on', async ({ first, second }) => {
    await write(first, LOGGED);
    const appended: AppendedEntry[] = [];
    for (let n = 0; n < 10; n++) {
      appended.push(await append(first, 'tag', `${n}`));
      await append(first, 'other', `${n}`);
    }
    const at = (n: number) => appended[n]?.position as string;
    await second.trim(LOGGED, 'tag', at(3));
    await second.trim(LOGGED, 'tag', at(1));
    assert.deepEqual(await bodies(first, 'tag'), ['4', '5', '6', '7', '8', '9']);
    assert.equal((await bodies(first, 'other')).length, 10);
    assertChained(await slice(first, 'tag', at(6)), at(6));
    await first.trim(LOGGED, 'tag', at(9));
    assert.deepEqual(await slice(second, 'tag', at(9)), { entries: [], tail: at(9), isAll: true });
    const next = await append(second, 'tag', 'next');
    assert.equal(next.previous, at(9), 'the tail is known when all is trimmed');
    assertChained(await slice(first, 'tag', at(9)), at(9));
  }),

  storeCase('never gives a position again', async ({ first, second }) => {
    await write(first, LOGGED);
    const positions = new Set<string>();
    for (let n = 0; n < 12; n++) {
      const { position } = await append(n % 2 ? first : second, 'tag', `${n}`);
      assert.equal(positions.has(position), false);
      positions.add(position);
      if (n % 4 === 1) await first.trim(LOGGED, 'tag', position);
      if (n % 4 === 3) await write(second, LOGGED);
    }
  }),

  storeCase('shows a reader that its place is of a log that is gone', async ({ first, second }) => {
    // As after a set-back of the store: numbers are given again, to other entries.
    await write(first, LOGGED);
    const old = [];
    for (let n = 0; n < 4; n++) old.push((await append(first, 'tag', `old ${n}`)).position);
    await write(second, LOGGED);
    for (let n = 0; n < 6; n++) {
      for (const position of old) {
        const { entries, tail } = await slice(first, 'tag', position);
        assert.notEqual(
          entries[0]?.previous ?? tail,
          position,
          'an older place is not taken for one of this log',
        );
      }
      await append(second, 'tag', `new ${n}`);
    }
  }),

  storeCase('appends nothing without what is to be consumed', async ({ first, second }) => {
    const marker = { scope: LOGGED.scope, name: 'marker', hasLog: false };
    await write(first, LOGGED);
    assert.equal(
      await first.append(LOGGED, 'tag', 'x', { id: nextId(), consume: marker, limits: WIDE }),
      'gone',
    );
    for (let round = 0; round < 8; round++) {
      await write(first, marker, { round: String(round) });
      const id = nextId();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          (n % 2 ? first : second).append(LOGGED, 'tag', `${round}/${n}`, {
            id: `${id}-${n}`,
            consume: marker,
            limits: WIDE,
          }),
        ),
      );
      const winners = answers.flatMap((answer, n) => (answer === 'gone' ? [] : [n]));
      assert.equal(winners.length, 1, 'exactly one consumes it');
      assert.equal(await second.read(marker), undefined);
      const [winner] = winners as [number];
      const repeat = { id: `${id}-${winner}`, consume: marker, isRepeat: true, limits: WIDE };
      assert.deepEqual(
        await second.append(LOGGED, 'tag', `${round}/${winner}`, repeat),
        answers[winner],
        'the winner may ask again',
      );
      const loser = { id: `${id}-${(winner + 1) % 8}`, consume: marker, isRepeat: true, limits: WIDE };
      assert.equal(await first.append(LOGGED, 'tag', 'loser', loser), 'gone');
      assert.deepEqual((await bodies(first, 'tag')).slice(round), [`${round}/${winner}`]);
    }
  }),
];
