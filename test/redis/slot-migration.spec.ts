import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { StoreKeys } from '../../lib/adapters/store/store-keys.js';
import { startRedisCluster, type RedisClusterServers } from '../support/redis-cluster.js';
import { quiet } from '../support/redis-matrix.js';
import { moveSlot, slotOfTag } from '../support/redis-slots.js';
import { type AdapterType, begin, numbers, onRedis, Reader, until } from './support.js';

const COUNT = 200;

/** As adapters name what they keep that were given no name of a server. */
const keys = new StoreKeys();

let cluster: RedisClusterServers;
beforeAll(async () => void (cluster = await startRedisCluster()), 60_000);
afterAll(() => cluster.dispose());

/** Sharded channels move with their slot; others are on every node. */
describe.each([
  ['ioredis', true],
  ['ioredis', false],
  ['ioredis-5', true],
])('a Cluster whose slots move, with %s and sharded channels: %s', (library, shardedPubSub) => {
  const opened: { close(): Promise<void> }[] = [];
  let count = 0;

  afterEach(async () => {
    for (const adapter of opened.splice(0)) await adapter.close();
  });

  /** The same adapter at two instances. On a busy machine a slot takes its time to move. */
  async function two<A extends { close(): Promise<void> }>(type: AdapterType<A>): Promise<[A, A]> {
    const { Cluster } = (await import(library)) as typeof import('ioredis');
    const client = new Cluster([...cluster.nodes], { lazyConnect: true, enableAutoPipelining: true });
    const keyPrefix = `${library}-${shardedPubSub}-${++count}`;
    const options = { client, ...quiet(keyPrefix), shardedPubSub, commandTimeoutMs: 10_000 };
    const both: [A, A] = [onRedis(type, options), onRedis(type, options)];
    opened.push(...both);
    return both;
  }

  it('loses no event of a stream and repeats none', async () => {
    const [first, second] = await two(StoreSessionAdapter);
    const { id, start } = await begin(first);
    await first.writeState(id, 'key', 'value');
    const readers = [new Reader(first, id, start), new Reader(second, id, start)];
    // Commands for slots that move share pipelines with others.
    const busy = new AbortController();
    const others = [1, 2, 3, 4, 5].map(() => writeUntil(busy.signal, first));
    const slot = slotOfTag(cluster, keys.session(id).scope);
    const appended = (async () => {
      for (const [n, message] of numbers(COUNT).entries()) {
        await (n % 2 === 0 ? first : second).appendEvent(id, 'stream', message);
        await delay(2);
      }
    })();
    await until(() => readers.every(({ messages }) => messages.length > 10), 'a stream that flows');
    for (let moves = 0; moves < 3; moves++) await moveSlot(cluster, slot);
    await appended;
    busy.abort();
    await Promise.all(others);
    for (const { messages } of readers) await until(() => messages.length >= COUNT, 'all events');
    for (const { messages } of readers) expect(messages).toEqual(numbers(COUNT));
    expect(await second.readState(id)).toEqual({ key: 'value' });
    for (const reader of readers) expect(await reader.stop()).toBeUndefined();
  }, 30_000);

  it('hears of a quiet stream that goes on after its slot has moved', async () => {
    const [first, second] = await two(StoreSessionAdapter);
    const { id, start } = await begin(first);
    const reader = new Reader(second, id, start);
    await first.appendEvent(id, 'stream', 'before');
    await until(() => reader.messages.length === 1, 'the first event');
    await moveSlot(cluster, slotOfTag(cluster, keys.session(id).scope));
    await first.appendEvent(id, 'stream', 'after');
    await until(() => reader.messages.length === 2, 'the second event');
    await first.appendEvent(id, 'stream', 'long after');
    await until(() => reader.messages.length === 3, 'the third event');
    expect(reader.messages).toEqual(['before', 'after', 'long after']);
    expect(await reader.stop()).toBeUndefined();
  }, 30_000);

  it('delivers every answer to what is asked', async () => {
    const [asking, answering] = await two(StoreClientRequestAdapter);
    const pending = numbers(20).map((id) => asking.createPending('session', id, { timeoutMs: 20_000 }));
    for (const { ready } of pending) await ready;
    const stored = cluster.servers
      .map((server) => server.cli('--scan', '--pattern', `${library}-${shardedPubSub}-${count}*`))
      .join('\n');
    // Where the questions of the one who asks are, and some of the places that tell who that is.
    const slots = new Set([...slotsOf(/\{1i.*/g, stored), ...slotsOf(/\{1p.*/g, stored).slice(0, 4)]);
    await answering.ping();
    const answered = (async () => {
      for (const id of numbers(20)) {
        expect(await answering.resolvePending('session', id, { id })).toBe(true);
        await delay(10);
      }
    })();
    for (const slot of slots) await moveSlot(cluster, slot);
    await answered;
    expect(await Promise.all(pending.map(({ promise }) => promise))).toEqual(
      numbers(20).map((id) => ({ id })),
    );
  }, 30_000);

  it('carries every event of the bus once and in order', async () => {
    const [telling, hearing] = await two(StoreNotificationBus);
    const heard: string[] = [];
    await hearing.subscribe((event) => void ('uri' in event && heard.push(event.uri)));
    const told = (async () => {
      for (const uri of numbers(COUNT)) {
        await telling.publish({ type: 'resource_updated', server: '', uri });
        await delay(2);
      }
    })();
    for (let moves = 0; moves < 2; moves++) await moveSlot(cluster, slotOfTag(cluster, keys.bus().scope));
    await told;
    await until(() => heard.length >= COUNT, 'all events');
    expect(heard).toEqual(numbers(COUNT));
  }, 30_000);

  async function writeUntil(signal: AbortSignal, adapter: StoreSessionAdapter): Promise<void> {
    const { id } = await begin(adapter);
    while (!signal.aborted) await adapter.appendEvent(id, 'stream', 'message');
  }

  /** Of what waits: who asked, by hash tag. */
  function slotsOf(kind: RegExp, stored: string): number[] {
    return (stored.match(kind) ?? []).map((key) => slotOfTag(cluster, key.slice(1, key.indexOf('}'))));
  }
});
