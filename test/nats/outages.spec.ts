import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsStore } from '../../lib/adapters/nats/index.js';
import { EventsLostError } from '../../lib/adapters/events-lost.error.js';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { waitFor } from '../../lib/testing/bounded-case.js';
import { startNats, type NatsServer } from '../support/nats.js';
import { keyOf, Logged, LONG_MS, nextId, nextStream, Stores, WIDE } from './support.js';

const UNAVAILABLE = { code: 'MCP_ADAPTER_UNAVAILABLE' };

let nats: NatsServer;
const stores = new Stores(() => ({ servers: nats.url, migrate: true, commandTimeoutMs: 500 }));

beforeAll(async () => {
  nats = await startNats();
}, 60_000);
afterEach(async () => {
  nats.resume();
  await nats.start();
  await stores.close();
});
afterAll(() => nats.dispose());

async function opened(options = {}): Promise<NatsStore> {
  const store = stores.open(options);
  await store.open();
  return store;
}

async function bodies(store: NatsStore, name: string): Promise<readonly string[] | undefined> {
  return (await store.entries(keyOf(name), 'tag', undefined, 1_000))?.entries.map(({ body }) => body);
}

function append(store: NatsStore, name: string, body: string, isRepeat = false, id = nextId()) {
  return store.append(keyOf(name), 'tag', body, { id, isRepeat, limits: WIDE });
}

/** Repeats what is named until the outcome is known. */
async function persist<T>(work: (isRepeat: boolean) => Promise<T>): Promise<T> {
  for (let isRepeat = false; ; isRepeat = true) {
    try {
      return await work(isRepeat);
    } catch (error) {
      expect(error).toMatchObject(UNAVAILABLE);
      await delay(10);
    }
  }
}

describe('an outage', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'ends with everything there, after %s',
    async (signal) => {
      const logger = new Logged();
      const names = nextStream();
      const [first, second] = [await opened({ ...names, logger }), await opened(names)];
      await first.write(keyOf('a'), { field: 'kept' }, { ttlMs: LONG_MS });
      await append(second, 'a', 'before');
      const bells: unknown[] = [];
      await first.listen(keyOf('a'), (bell) => bells.push(bell));
      await nats.stop(signal);
      await expect(first.read(keyOf('a'))).rejects.toMatchObject(UNAVAILABLE);
      await expect(append(first, 'a', 'lost')).rejects.toMatchObject(UNAVAILABLE);
      await expect(first.ping()).rejects.toMatchObject(UNAVAILABLE);
      expect(first.steadyForMs).toBe(0);
      await nats.start();
      await persist(() => first.ping());
      expect((await first.read(keyOf('a')))?.fields).toEqual({ field: 'kept' });
      await waitFor(() => bells.includes('stale'), 'the bell after an outage');
      await persist((isRepeat) => append(second, 'a', 'after', isRepeat, 'after'));
      await waitFor(
        () => bells.some((bell) => (bell as { body?: string }).body === 'after'),
        'the next bell',
      );
      expect((await bodies(first, 'a'))?.filter((body) => body !== 'lost')).toEqual(['before', 'after']);
      expect(logger.lines).toEqual([
        expect.stringMatching(/^warn NATS cannot be reached/),
        'log NATS can be reached again',
      ]);
      expect(first.steadyForMs).toBeGreaterThan(0);
    },
    30_000,
  );

  it('lets one of two instances that change the same go on where the other one is', async () => {
    const names = nextStream();
    const both = [await opened(names), await opened(names)] as const;
    await both[0].write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const done: string[] = [];
    let isOver = false;
    const writers = both.map(async (store, writer) => {
      for (let n = 0; !isOver; n++) {
        const id = `w${writer}-${n}`;
        await persist((isRepeat) => append(store, 'a', id, isRepeat, id));
        done.push(id);
      }
    });
    for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
      const count = done.length;
      await waitFor(() => done.length > count + 20, 'some appends');
      await nats.stop(signal);
      await nats.start();
    }
    isOver = true;
    await Promise.all(writers);
    const kept = (await bodies(both[0], 'a')) ?? [];
    expect(kept.filter((body, n) => kept.indexOf(body) !== n)).toEqual([]);
    // The oldest may have been dropped.
    const order = (writer: number) => kept.filter((body) => body.startsWith(`w${writer}`));
    for (const writer of [0, 1]) {
      const expected = done.filter((id) => id.startsWith(`w${writer}`));
      expect(order(writer)).toEqual(expected.slice(-order(writer).length));
    }
    expect(await bodies(both[1], 'a')).toEqual(kept);
  }, 60_000);

  it('is survived by a reader, who misses nothing', async () => {
    const names = nextStream();
    const [sessions, others] = [await opened(names), await opened(names)].map(
      (store) => new StoreSessionAdapter(store),
    ) as [StoreSessionAdapter, StoreSessionAdapter];
    await sessions.create('session', { any: 'thing' } as never);
    const start = (await others.appendEvent('session', 'stream', 'start')) as string;
    const over = new AbortController();
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const { message } of sessions.subscribe('session', start, over.signal)) got.push(message);
    })();
    const sent: string[] = [];
    for (let n = 0; n < 30; n++) {
      if (n % 10 === 5) {
        await nats.stop('SIGKILL');
        await nats.start();
      }
      const name = `event-${n}`;
      await persist((isRepeat) => others.appendEvent('session', 'stream', name, { name, isRepeat }));
      sent.push(name);
    }
    await waitFor(() => got.length >= sent.length, 'all events');
    expect(got).toEqual(sent);
    over.abort();
    await reading;
  }, 60_000);

  it('lets a question wait, and be answered elsewhere', async () => {
    const names = nextStream();
    const [asker, answerer] = [await opened(names), await opened(names)].map(
      (store) => new StoreClientRequestAdapter(store),
    ) as [StoreClientRequestAdapter, StoreClientRequestAdapter];
    const { promise, ready } = asker.createPending('session', 1, { timeoutMs: 30_000 });
    await ready;
    await nats.stop('SIGKILL');
    await nats.start();
    expect(await persist(() => answerer.resolvePending('session', 1, 'answer'))).toBe(true);
    expect(await promise).toBe('answer');
    await asker.close();
    await answerer.close();
  }, 30_000);

  it('shows a reader what a server has lost that keeps everything in memory', async () => {
    const store = await opened({ ...nextStream(), storage: 'memory' });
    const sessions = new StoreSessionAdapter(store);
    await sessions.create('session', {} as never);
    const start = (await sessions.appendEvent('session', 'stream', 'start')) as string;
    await nats.stop();
    await nats.start();
    expect(await persist(() => sessions.has('session'))).toBe(false);
    await sessions.create('session', {} as never);
    for (let n = 0; n < 5; n++) await sessions.appendEvent('session', 'stream', `other ${n}`);
    expect(await sessions.replay('session', start, () => {})).toBe(false);
    const reading = sessions.subscribe('session', start, new AbortController().signal).next();
    await expect(reading).rejects.toBeInstanceOf(EventsLostError);
  }, 30_000);
});

describe('a server that answers nothing', () => {
  it('is unavailable, until it goes on', async () => {
    const store = await opened(nextStream());
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    nats.pause();
    const work = [store.read(keyOf('a')), append(store, 'a', 'late', false, 'late'), store.ping()];
    const outcomes = await Promise.allSettled(work);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: UNAVAILABLE });
    expect(store.steadyForMs).toBe(0);
    nats.resume();
    await persist(() => append(store, 'a', 'late', true, 'late'));
    expect(await bodies(store, 'a')).toEqual(['late']);
  }, 30_000);
});

describe('a stream that is gone', () => {
  it('is unavailable, and made again by those who may', async () => {
    const names = nextStream();
    const [may, mayNot] = [await opened(names), await opened({ ...names, migrate: false })];
    await may.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    const connection = await connect({ servers: nats.url });
    const { streams } = await jetstreamManager(connection);
    await streams.delete(names.stream);
    await expect(mayNot.read(keyOf('a'))).rejects.toMatchObject(UNAVAILABLE);
    await expect(mayNot.read(keyOf('a'))).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining(`no stream ${names.stream}`),
    });
    expect(await persist(() => may.read(keyOf('a')))).toBeUndefined();
    expect(await mayNot.write(keyOf('a'), {}, { ttlMs: LONG_MS })).toEqual(expect.any(String));
    await connection.close();
  }, 30_000);
});
