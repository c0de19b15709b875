import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { EventsLostError } from '../../lib/adapters/events-lost.error.js';
import type { NatsStore } from '../../lib/adapters/nats/index.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import type { LogPosition } from '../../lib/adapters/store.js';
import { waitFor } from '../../lib/testing/bounded-case.js';
import { startNats, type NatsServer } from '../support/nats.js';
import { keyOf, LONG_MS, nextId, nextStream, Stores, WIDE } from './support.js';

let nats: NatsServer;
let connection: NatsConnection;
let manager: JetStreamManager;
const stores = new Stores(() => ({ servers: nats.url }));

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

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);

async function openStore(options = {}): Promise<{ store: NatsStore; stream: string }> {
  const names = nextStream();
  const store = stores.open({ ...names, migrate: true, ...options });
  await store.open();
  return { store, stream: names.stream };
}

/** Instances with a session that has one stream and an event in it. */
async function openSession() {
  const names = { ...nextStream(), migrate: true };
  const [writer, reader] = [stores.open(names), stores.open(names)].map(
    (store) => new StoreSessionAdapter(store, { maxEvents: 2_000 }),
  ) as [StoreSessionAdapter, StoreSessionAdapter];
  const id = writer.generateSessionId();
  await writer.create(id, { protocolVersion: '2025-11-25' });
  const first = await writer.appendEvent(id, 'stream', 'first');
  if (first === undefined) throw new Error('There is no session');
  return { writer, reader, id, first };
}

async function replayed(adapter: StoreSessionAdapter, id: string, after: string): Promise<unknown[]> {
  const messages: unknown[] = [];
  expect(await adapter.replay(id, after, (_, message) => void messages.push(message))).toBe(true);
  return messages;
}

async function append(store: NatsStore, tag: string, bodies: readonly string[]): Promise<LogPosition[]> {
  const positions: LogPosition[] = [];
  for (const body of bodies) {
    const appended = await store.append(keyOf('a'), tag, body, { id: nextId(), limits: WIDE });
    if (typeof appended === 'string') throw new Error(appended);
    positions.push(appended.position);
  }
  return positions;
}

async function read(store: NatsStore, tag = 'tag', after?: LogPosition): Promise<readonly string[]> {
  const slice = await store.entries(keyOf('a'), tag, after, 2_000);
  return slice?.entries.map(({ body }) => body) ?? [];
}

describe('a log with many entries', () => {
  it.each([1, 31, 32, 33, 511, 512, 513, 1_000])('gives %i of them, in order', async (count) => {
    const { writer, reader, id, first } = await openSession();
    for (const n of numbers(count)) await writer.appendEvent(id, 'stream', n);
    expect(await replayed(reader, id, first)).toEqual(numbers(count));
    expect(await replayed(writer, id, first)).toEqual(numbers(count));
  });

  it('is given whole while others append to it, and nothing twice', async () => {
    const { writer, reader, id, first } = await openSession();
    let appended = 0;
    const isOver = new AbortController();
    const next = () => writer.appendEvent(id, 'stream', appended++);
    while (appended < 600) await next();
    const appending = (async () => {
      while (!isOver.signal.aborted && appended < 1_900) await next();
    })();
    for (const _ of numbers(10)) {
      const before = appended;
      const messages = await replayed(reader, id, first);
      expect(messages).toEqual(numbers(messages.length));
      expect(messages.length).toBeGreaterThanOrEqual(before - 1);
    }
    isOver.abort();
    await appending;
    expect(await replayed(reader, id, first)).toEqual(numbers(appended));
  }, 30_000);

  it('is given in full beside messages that are no entries of its own', async () => {
    const { store } = await openStore();
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const expected: Record<'tag' | 'other', string[]> = { tag: [], other: [] };
    for (const n of numbers(200)) {
      const tag = n % 3 === 0 ? 'other' : 'tag';
      // One of them has to be kept in parts.
      const body = n === 100 ? 'x'.repeat(2_000_000) : `body ${n}`;
      await append(store, tag, [body]);
      expected[tag].push(body);
      if (n % 4 === 0) await store.assign(keyOf('a'), { n: String(n) });
      if (n % 4 === 1) await store.touch(keyOf('a'), LONG_MS, { exact: true });
    }
    expect(await read(store)).toEqual(expected.tag);
    expect(await read(store, 'other')).toEqual(expected.other);
  });

  it('is given in full when few of its entries are among many of others', async () => {
    const { store } = await openStore();
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const rare: string[] = [];
    for (const n of numbers(400)) {
      if (n % 10 === 0) await append(store, 'tag', [(rare[n / 10] = `rare ${n}`)]);
      await append(store, 'other', [`often ${n}`]);
    }
    expect(await read(store)).toEqual(rare);
  });

  it('is given from behind what was trimmed, and entries that went are an error', async () => {
    const { store } = await openStore();
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const bodies = numbers(700).map(String);
    const positions = await append(store, 'tag', bodies);
    await store.trim(keyOf('a'), 'tag', positions[299] as LogPosition);
    expect(await read(store, 'tag', positions[299])).toEqual(bodies.slice(300));
    expect(await read(store)).toEqual(bodies.slice(300));

    const { writer, reader, id, first } = await openSession();
    const events: (string | undefined)[] = [];
    for (const n of numbers(2_200)) events.push(await writer.appendEvent(id, 'stream', n));
    const isComplete = await reader.replay(id, first, () => {});
    expect(isComplete).toBe(false);
    const lost = (async () => {
      for await (const _ of reader.subscribe(id, first, new AbortController().signal)) break;
    })();
    await expect(lost).rejects.toBeInstanceOf(EventsLostError);
    expect(await replayed(reader, id, events[1_500] as string)).toEqual(numbers(699, 1_501));
  }, 30_000);

  it('leaves nothing with the server when a reader leaves midway, and goes on where it was', async () => {
    const names = { ...nextStream(), migrate: true };
    const adapter = new StoreSessionAdapter(stores.open(names), { maxEvents: 2_000 });
    const id = adapter.generateSessionId();
    await adapter.create(id, { protocolVersion: '2025-11-25' });
    const first = (await adapter.appendEvent(id, 'stream', 'first')) as string;
    for (const n of numbers(900)) await adapter.appendEvent(id, 'stream', n);
    const seen: unknown[] = [];
    let last = first;
    for await (const event of adapter.subscribe(id, first, new AbortController().signal)) {
      seen.push(event.message);
      last = event.id;
      if (seen.length === 200) break;
    }
    const failure = new Error('The client has gone');
    const replaying = adapter.replay(id, last, (eventId, message) => {
      if (seen.length === 500) throw failure;
      seen.push(message);
      last = eventId;
    });
    await expect(replaying).rejects.toBe(failure);
    expect([...seen, ...(await replayed(adapter, id, last))]).toEqual(numbers(900));
    await waitFor(async () => {
      return (await manager.streams.info(names.stream)).state.consumer_count === 0;
    }, 'the last consumer to go');
  });

  it('is sent once, not again for each part of it that is read', async () => {
    const own = await connect({ servers: nats.url });
    const { store } = await openStore({ connection: own });
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const positions = await append(
      store,
      'tag',
      numbers(1_000).map((n) => `body ${n}`),
    );
    const before = own.stats().inMsgs;
    const bodies: string[] = [];
    for (let after: LogPosition | undefined; bodies.length < 1_000; after = positions[bodies.length - 1]) {
      const slice = await store.entries(keyOf('a'), 'tag', after, 128);
      bodies.push(...(slice?.entries ?? []).map(({ body }) => body));
    }
    expect(bodies).toEqual(numbers(1_000).map((n) => `body ${n}`));
    expect(own.stats().inMsgs - before).toBeLessThan(1_200);
    await stores.close();
    await own.close();
  });

  it('is given where the server limits what consumers may be sent', async () => {
    const limited = await startNats({ jetStreamConfig: 'limits: { max_ack_pending: 10 }' });
    const { store } = await openStore({ servers: limited.url });
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const bodies = numbers(100).map(String);
    await append(store, 'tag', bodies);
    expect(await read(store)).toEqual(bodies);
    await stores.close();
    await limited.dispose();
  });
});
