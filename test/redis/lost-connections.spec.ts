import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { quiet, SET_UPS, startServers, titleOf, type RunningRedis } from '../support/redis-matrix.js';
import { type AdapterType, begin, numbers, onRedis, Reader, until } from './support.js';

const COUNT = 300;

let count = 0;
const running = new Map<string, RunningRedis>();
/** A connection to each server, which cuts those of others. */
const cutters = new Map<number, Redis>();

beforeAll(async () => {
  for (const kind of ['one', 'cluster'] as const) running.set(kind, await startServers(kind));
  for (const { ports } of running.values()) {
    for (const port of ports) cutters.set(port, new Redis(port, '127.0.0.1'));
  }
}, 60_000);

afterAll(async () => {
  for (const cutter of cutters.values()) cutter.disconnect();
  for (const redis of running.values()) await redis.dispose();
});

/** On a busy machine the next cut may come before a Cluster is reached again; what is tested is that nothing is lost. */
const PATIENT = { commandTimeoutMs: 10_000, reconnectGraceMs: 10_000 };

describe.each(SET_UPS.map((setUp) => ({ setUp, title: titleOf(setUp) })))('$title', ({ setUp }) => {
  const redis = () => running.get(setUp.server) as RunningRedis;

  /** Cuts again and again until `work` is done. */
  async function cutting<T>(type: 'NORMAL' | 'PUBSUB', work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    while (!isDone) {
      for (const port of redis().ports) await cutters.get(port)?.call('CLIENT', 'KILL', 'TYPE', type);
      await delay(30);
    }
    return done;
  }

  async function two<A extends { close(): Promise<void> }>(type: AdapterType<A>): Promise<[A, A]> {
    const options = { client: await redis().client(setUp), ...quiet(`cut-${++count}`), ...PATIENT };
    return [onRedis(type, options), onRedis(type, options)];
  }

  it('loses no event and repeats none while the connections of readers are cut', async () => {
    const [writer, other] = await two(StoreSessionAdapter);
    const { id, start } = await begin(writer);
    const readers = [new Reader(writer, id, start), new Reader(other, id, start)];
    await writer.appendEvent(id, 'stream', 'first');
    for (const { messages } of readers) await until(() => messages.length === 1, 'the first event');
    const appended = (async () => {
      for (const message of numbers(COUNT)) {
        await writer.appendEvent(id, 'stream', message);
        await delay(1);
      }
    })();
    await cutting('PUBSUB', appended);
    for (const { messages } of readers) await until(() => messages.length > COUNT, 'all events');
    for (const { messages } of readers) expect(messages).toEqual(['first', ...numbers(COUNT)]);
    for (const reader of readers) expect(await reader.stop()).toBeUndefined();
    await Promise.all([writer.close(), other.close()]);
  }, 30_000);

  it('appends each event once while the connections of writers are cut', async () => {
    const [writer, other] = await two(StoreSessionAdapter);
    const { id, start } = await begin(writer);
    const reader = new Reader(other, id, start);
    // A first connect gives up before long while connections are cut.
    await writer.appendEvent(id, 'stream', 'first');
    await until(() => reader.messages.length === 1, 'the first event');
    const appended = (async () => {
      for (const message of numbers(COUNT)) await writer.appendEvent(id, 'stream', message);
    })();
    await cutting('NORMAL', appended);
    await until(() => reader.messages.length > COUNT, 'all events');
    await delay(50);
    expect(reader.messages).toEqual(['first', ...numbers(COUNT)]);
    await reader.stop();
    await Promise.all([writer.close(), other.close()]);
  }, 30_000);

  it('delivers every answer while the connections of those who asked are cut', async () => {
    const [asking, answering] = await two(StoreClientRequestAdapter);
    const work = (async () => {
      for (let n = 0; n < 100; n++) {
        const { promise, ready } = asking.createPending('session', n, { timeoutMs: 10_000 });
        await ready;
        expect(await answering.resolvePending('session', n, { n })).toBe(true);
        expect(await promise).toEqual({ n });
      }
    })();
    await cutting('PUBSUB', work);
    await Promise.all([asking.close(), answering.close()]);
  }, 30_000);

  it('carries every event of the bus once, in order, while connections are cut', async () => {
    const [first, second] = await two(StoreNotificationBus);
    const received: [string[], string[]] = [[], []];
    for (const [n, bus] of [first, second].entries()) {
      await bus.subscribe((event) => void ('uri' in event && received[n]?.push(event.uri)));
    }
    const published = (async () => {
      for (const uri of numbers(COUNT)) {
        await first.publish({ type: 'resource_updated', server: '', uri });
        await delay(1);
      }
    })();
    await cutting('PUBSUB', published);
    for (const uris of received) await until(() => uris.length >= COUNT, 'all events');
    for (const uris of received) expect(uris).toEqual(numbers(COUNT));
    await Promise.all([first.close(), second.close()]);
  }, 30_000);
});
