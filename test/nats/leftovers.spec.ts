import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { setUpNats, type NatsStore, type NatsStreamOptions } from '../../lib/adapters/nats/index.js';
import { NatsLink } from '../../lib/adapters/nats/nats-link.js';
import { NatsScopes } from '../../lib/adapters/nats/nats-scopes.js';
import { NatsSweep } from '../../lib/adapters/nats/nats-sweep.js';
import { waitFor } from '../../lib/testing/bounded-case.js';
import { startNats, type NatsServer } from '../support/nats.js';
import { keyOf, Logged, LONG_MS, nextId, nextStream, Stores, WIDE } from './support.js';

let nats: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;
const stores = new Stores(() => ({ servers: nats.url, commandTimeoutMs: 1_000 }));

beforeAll(async () => {
  nats = await startNats();
  connection = await connect({ servers: nats.url });
  manager = await jetstreamManager(connection);
}, 60_000);
afterEach(() => stores.close());
afterAll(async () => {
  await connection.close();
  await nats.dispose();
});

async function newStream(options: NatsStreamOptions = {}) {
  const names = nextStream();
  await setUpNats(connection, { ...names, ...options });
  return names;
}

/** How many messages are stored, when all that goes on has ended. */
async function stored(stream: string): Promise<number> {
  return (await manager.streams.info(stream)).state.messages;
}

async function bytes(stream: string): Promise<number> {
  return (await manager.streams.info(stream)).state.bytes;
}

function append(store: NatsStore, name: string, body: string, options = {}) {
  return store.append(keyOf(name), 'tag', body, { id: nextId(), limits: WIDE, ...options });
}

async function sweepOf(names: NatsStreamOptions): Promise<{ run(): Promise<void>; close(): Promise<void> }> {
  const link = new NatsLink({ servers: nats.url, ...names, logger: new Logged() });
  const sweep = new NatsSweep(link, new NatsScopes(link));
  await link.open();
  return {
    run: () => sweep.run(0),
    async close() {
      sweep.stop();
      await link.close();
    },
  };
}

describe('what is stored', () => {
  it('is nothing once everything was removed, whatever was appended meanwhile', async () => {
    const names = await newStream();
    const [first, second] = [stores.open(names), stores.open(names)];
    const answers = new Set<unknown>();
    for (let round = 0; round < 150; round++) {
      const name = `key-${round % 7}`;
      const marker = { scope: keyOf(name).scope, name: 'marker', hasLog: false };
      await first.write(keyOf(name), { round: String(round) }, { ttlMs: LONG_MS });
      if (round % 2) await first.write(marker, {}, { ttlMs: LONG_MS });
      const work = Array.from({ length: 6 }, async (_, n) => {
        await delay(Math.random() * 2);
        const consume = round % 2 && n === 3 ? { consume: marker } : {};
        const appended = await append(n % 2 ? first : second, name, `${round}/${n}`, consume);
        answers.add(typeof appended === 'string' ? appended : 'appended');
      });
      await delay(Math.random() * 2);
      const removed = await Promise.all([first.remove(keyOf(name)), second.remove(keyOf(name))]);
      expect(removed.filter(Boolean)).toEqual([{ round: String(round) }]);
      await Promise.all(work);
      expect(await second.read(keyOf(name))).toBeUndefined();
      expect(await first.entries(keyOf(name), 'tag', undefined, 10)).toBeUndefined();
      await first.remove(marker);
    }
    expect([...answers].sort()).toEqual(['appended', 'gone']);
    await waitFor(async () => (await stored(names.stream)) === 0, 'the last message to go');
  }, 60_000);

  it('is read in one go, whatever is dropped and appended meanwhile', async () => {
    const names = await newStream();
    const [writer, other, reader] = [stores.open(names), stores.open(names), stores.open(names)];
    await writer.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const limits = { maxEntries: 100, maxBytes: 1_000_000, ifFull: 'drop' } as const;
    for (let n = 0; n < 90; n++) await append(writer, 'a', `${n}`, { limits });
    let isOver = false;
    const working = [writer, other].map(async (store) => {
      for (let n = 0; !isOver; n++) {
        const appended = await append(store, 'a', `${n}`, { limits });
        if (n % 20 === 0) await store.trim(keyOf('a'), 'tag', (appended as { position: string }).position);
      }
    });
    for (let round = 0; round < 150; round++) {
      const { entries = [] } = (await reader.entries(keyOf('a'), 'tag', undefined, 200)) ?? {};
      const numbers = entries.map(({ position }) => Number.parseInt(position, 10));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    isOver = true;
    await Promise.all(working);
    await waitFor(async () => {
      return (await manager.streams.info(names.stream)).state.consumer_count === 0;
    }, 'the last consumer to go');
  }, 60_000);

  it('is bounded however much is appended, touched and changed', async () => {
    const names = await newStream();
    const both = [stores.open(names), stores.open(names)] as const;
    const limits = { maxEntries: 20, maxBytes: 100_000, ifFull: 'drop' } as const;
    await both[0].write(keyOf('a'), {}, { ttlMs: LONG_MS });
    for (let n = 0; n < 1_000; n++) {
      const store = both[n % 2 ? 1 : 0];
      if (n % 5 === 0) await store.touch(keyOf('a'), LONG_MS, { exact: true });
      else if (n % 5 === 1) await store.assign(keyOf('a'), { n: String(n) });
      else if (n % 5 === 2)
        await store.write({ ...keyOf('a'), name: 'other', hasLog: false }, {}, { ttlMs: 5 });
      else await append(store, 'a', `${n}`, { limits });
    }
    expect(await stored(names.stream)).toBeLessThan(300);
    const { entries = [] } = (await both[1].entries(keyOf('a'), 'tag', undefined, 100)) ?? {};
    expect(entries.at(-1)?.body).toBe('999');
    // It may expire at any time: whatever is changed last cleans up.
    await both[0].remove({ ...keyOf('a'), name: 'other', hasLog: false });
    await both[0].remove(keyOf('a'));
    await waitFor(async () => (await stored(names.stream)) <= 1, 'the messages of the record to go');
  }, 60_000);

  it('is swept when its time is over, and only then', async () => {
    const names = await newStream();
    const store = stores.open(names);
    for (let n = 0; n < 20; n++) {
      await store.write(keyOf(`short-${n}`), {}, { ttlMs: 50 });
      await append(store, `short-${n}`, 'body');
    }
    await store.write(keyOf('long'), { kept: 'kept' }, { ttlMs: LONG_MS });
    await append(store, 'long', 'kept');
    await store.write(keyOf('renewed'), {}, { ttlMs: 50 });
    await store.touch(keyOf('renewed'), LONG_MS);
    await waitFor(async () => !(await store.read(keyOf('short-19'))), 'the time to be over');
    const [first, second] = [await sweepOf(names), await sweepOf(names)];
    await Promise.all([first.run(), second.run()]);
    // Two records of two messages each, and the turn that was taken.
    expect(await stored(names.stream)).toBe(5);
    expect((await store.read(keyOf('long')))?.fields).toEqual({ kept: 'kept' });
    expect(await store.read(keyOf('renewed'))).toBeDefined();
    expect((await manager.streams.info(names.stream)).state.consumer_count).toBe(0);
    for (let n = 0; n < 20; n++) {
      const written = await store.write(keyOf(`short-${n}`), {}, { ttlMs: LONG_MS, ifVersion: null });
      expect(written).toEqual(expect.any(String));
    }
    await first.close();
    await second.close();
  }, 30_000);
});

describe('a limit', () => {
  it('of messages refuses what is larger, and leaves everything as it was', async () => {
    const names = await newStream();
    const store = stores.open(names);
    const large = 'x'.repeat(1024 * 1024);
    await store.write(keyOf('a'), { field: 'kept' }, { ttlMs: LONG_MS });
    await append(store, 'a', 'kept');
    const before = await stored(names.stream);
    for (const work of [
      () => store.write(keyOf('a'), { large }, { ttlMs: LONG_MS }),
      () => store.assign(keyOf('a'), { large }),
      () => store.write(keyOf('b'), { large }, { ttlMs: LONG_MS }),
    ]) {
      await expect(work()).rejects.toThrow(/takes 1048576: raise max_payload of nats-server/);
      await expect(work()).rejects.toBeInstanceOf(RangeError);
    }
    expect(await stored(names.stream)).toBe(before);
    expect(await store.read(keyOf('b'))).toBeUndefined();
    expect((await store.read(keyOf('a')))?.fields).toEqual({ field: 'kept' });
    await append(store, 'a', 'y'.repeat(1_000_000));
    expect((await store.entries(keyOf('a'), 'tag', undefined, 10))?.entries).toHaveLength(2);
  });

  it('of messages is none for entries, which are kept in parts', async () => {
    const names = await newStream();
    const both = [stores.open(names), stores.open(names)] as const;
    await both[0].write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const wide = { ...WIDE, maxEntries: 40 };
    // Bytes of one character may come in two parts.
    const sent = Array.from({ length: 12 }, (_, n) => `${n} ${'€ü'.repeat(n % 3 ? 10 : 400_000 + n)}`);
    await Promise.all(sent.map((body, n) => append(both[n % 2 ? 1 : 0], 'a', body, { limits: wide })));
    for (const store of both) {
      const { entries = [] } = (await store.entries(keyOf('a'), 'tag', undefined, 100)) ?? {};
      expect(entries.map(({ body }) => body).sort()).toEqual([...sent].sort());
    }
    // Parts go with their entry, and so do those that no entry follows.
    const [first] = (await both[0].entries(keyOf('a'), 'tag', undefined, 100))?.entries ?? [];
    await both[1].trim(keyOf('a'), 'tag', first?.position ?? '');
    for (let n = 0; n < 200; n++) await append(both[0], 'a', `small ${n}`, { limits: wide });
    await waitFor(async () => (await bytes(names.stream)) < 200_000, 'the parts to go');
    const { entries = [] } = (await both[1].entries(keyOf('a'), 'tag', undefined, 100)) ?? {};
    expect(entries.at(-1)?.body).toBe('small 199');
    await both[1].remove(keyOf('a'));
    await waitFor(async () => (await stored(names.stream)) === 0, 'the last message to go');
  }, 60_000);

  it('of messages is no trap for a record that grows field by field', async () => {
    const store = stores.open(await newStream());
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    for (let n = 0; n < 4; n++) await store.assign(keyOf('a'), { [`f${n}`]: String(n).repeat(400_000) });
    for (let n = 0; n < 200; n++) await append(store, 'a', `${n}`);
    await store.assign(keyOf('a'), { f3: 'short' });
    const { fields } = (await store.read(keyOf('a'))) ?? {};
    expect(Object.values(fields ?? {}).map(({ length }) => length)).toEqual([400_000, 400_000, 400_000, 5]);
    expect((await store.entries(keyOf('a'), 'tag', undefined, 1_000))?.entries).toHaveLength(200);
  }, 30_000);

  it('of a stream is unavailable, until what has expired was swept', async () => {
    const names = await newStream({ maxBytes: 200_000 });
    const store = stores.open(names);
    await store.write(keyOf('kept'), { kept: 'kept' }, { ttlMs: LONG_MS });
    await store.write(keyOf('short'), {}, { ttlMs: 2_000 });
    const fill = async () => {
      for (;;) await append(store, 'short', 'x'.repeat(10_000));
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'MCP_ADAPTER_UNAVAILABLE',
      message: expect.stringContaining('maximum bytes exceeded'),
    });
    expect((await store.read(keyOf('kept')))?.fields).toEqual({ kept: 'kept' });
    const another = stores.open(names);
    await another.open();
    expect((await another.read(keyOf('kept')))?.fields).toEqual({ kept: 'kept' });
    await delay(2_000);
    const sweep = await sweepOf(names);
    await sweep.run();
    expect(await append(store, 'kept', 'x'.repeat(10_000))).toMatchObject({ position: expect.any(String) });
    await sweep.close();
  }, 30_000);
});
