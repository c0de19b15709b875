import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { RedisUnavailableError } from '../../lib/adapters/redis/redis-unavailable.error.js';
import { AdapterUnavailableError } from '../../lib/adapters/adapter-unavailable.error.js';
import { freePort, startRedis, type RedisServer } from '../support/redis.js';
import { type AdapterType, begin, Log, numbers, onRedis, Reader, until, works } from './support.js';

const commandTimeoutMs = 300;

let server: RedisServer;
let log: Log;
const opened: { close(): Promise<void> }[] = [];

function open<A extends { close(): Promise<void> }>(type: AdapterType<A>): A {
  const adapter = onRedis(type, { url: server.url, commandTimeoutMs, logger: log.logger });
  opened.push(adapter);
  return adapter;
}

beforeEach(async () => {
  server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  log = new Log();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((adapter) => adapter.close()));
  await server.dispose();
});

describe('without a Redis', () => {
  it('says at start what cannot be reached, and tries no longer', async () => {
    const port = await freePort();
    const log = new Log();
    const options = { url: `redis://127.0.0.1:${port}`, connectTimeoutMs: 1_000, logger: log.logger };
    for (const start of [
      () => onRedis(StoreNotificationBus, options).subscribe(() => {}),
      () => onRedis(StoreSessionAdapter, options).keepInstanceAlive('instance', 1_000),
      () => onRedis(StoreClientRequestAdapter, options).createPending('s', 1, { timeoutMs: 60_000 }).ready,
    ]) {
      const error = await Promise.resolve(start()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RedisUnavailableError);
      expect(error).toBeInstanceOf(AdapterUnavailableError);
      expect((error as Error).message).toMatch(
        /^There is no Redis to connect to within 1000 ms: .*ECONNREFUSED/,
      );
      expect((error as Error).cause).toMatchObject({ code: 'ECONNREFUSED' });
    }
    expect(log.warnings).toHaveLength(3);
  });
});

describe.each(['SIGKILL', 'SIGTERM'] as const)('a Redis that ends by %s and comes back', (signal) => {
  it('makes every call reject, and none once it is back', async () => {
    const sessions = open(StoreSessionAdapter);
    const requests = open(StoreClientRequestAdapter);
    const bus = open(StoreNotificationBus);
    const received: unknown[] = [];
    await bus.subscribe((event) => void received.push(event));
    const { id } = await begin(sessions);
    await requests.resolvePending(id, 0, 'nobody asked');
    await server.stop(signal);

    const event = { type: 'resource_updated', server: '', uri: 'x:' } as const;
    const calls = [
      () => sessions.create(id, { protocolVersion: '2025-11-25' }),
      () => sessions.open(id, 60_000),
      () => sessions.get(id),
      () => sessions.appendEvent(id, 'stream', 'message'),
      () => sessions.writeState(id, 'key', 1),
      () => sessions.isInstanceAlive('instance'),
      () => requests.resolvePending(id, 1, 'answer'),
      () => bus.publish(event),
    ];
    for (let round = 0; round < 3; round++) {
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(RedisUnavailableError);
    }
    await delay(1_500);
    await server.start();
    for (const call of calls) await until(() => works(call), 'a call that works again');
    await until(() => received.length > 0, 'an event');
    expect(log.warnings).toHaveLength(3);
    expect(log.warnings).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('cannot be reached')),
    );
    await until(() => log.notes.length === 3, 'three that say it is back');
  }, 30_000);

  it('loses no event that was appended, and readers go on', async () => {
    const [writer, reading] = [open(StoreSessionAdapter), open(StoreSessionAdapter)];
    const { id, start } = await begin(writer);
    const reader = new Reader(reading, id, start);
    const kept: string[] = [];
    let isBack = false;
    const writing = (async () => {
      for (const message of numbers(1_500)) {
        if (await works(() => writer.appendEvent(id, 'stream', message))) kept.push(message);
        if (isBack && kept.length > 50 && (await works(() => writer.open(id, 60_000)))) break;
        await delay(5);
      }
    })();
    await until(() => reader.messages.length > 20, 'some events');
    await server.stop(signal);
    await delay(2_000);
    await server.start();
    isBack = true;
    await writing;
    expect(await writer.appendEvent(id, 'stream', 'the last')).toBeDefined();
    await until(() => reader.messages.includes('the last'), 'the last event');
    // An append without acknowledgement may be there; one with an acknowledgement has to be.
    expect(new Set(reader.messages).size).toBe(reader.messages.length);
    expect(reader.messages.filter((message) => kept.includes(message as string))).toEqual(kept);
    expect(await reader.stop()).toBeUndefined();
  }, 30_000);

  it('asks on: an answer that comes afterwards arrives', async () => {
    const [asking, answering] = [open(StoreClientRequestAdapter), open(StoreClientRequestAdapter)];
    const { promise, ready } = asking.createPending('session', 1, { timeoutMs: 20_000 });
    await ready;
    await server.stop(signal);
    await delay(500);
    await server.start();
    // One that was rejected may have been taken all the same: then its repetition is answered `false`.
    let isAnswered = false;
    void promise.then(() => (isAnswered = true));
    await until(
      async () => isAnswered || answering.resolvePending('session', 1, 'yes').catch(() => false),
      'an answer that is taken',
    );
    expect(await promise).toBe('yes');
    let second = asking.createPending('session', 2, { timeoutMs: 20_000 });
    await until(async () => {
      second.promise.catch(() => {});
      const isReady = await Promise.resolve(second.ready).then(
        () => true,
        () => false,
      );
      if (!isReady) second = asking.createPending('session', 2, { timeoutMs: 20_000 });
      return isReady;
    }, 'the asking instance to reach the store again');
    expect(await answering.resolvePending('session', 2, 'again')).toBe(true);
    expect(await second.promise).toBe('again');
  }, 30_000);
});

describe('a Redis that comes back with nothing', () => {
  it('learns again of what is being asked', async () => {
    const [asking, answering] = [open(StoreClientRequestAdapter), open(StoreClientRequestAdapter)];
    const { promise, ready } = asking.createPending('session', 1, { timeoutMs: 20_000 });
    await ready;
    server.cli('FLUSHALL');
    server.cli('CLIENT', 'KILL', 'TYPE', 'PUBSUB');
    let isAnswered = false;
    void promise.then(() => (isAnswered = true));
    await until(
      async () => isAnswered || answering.resolvePending('session', 1, 'yes').catch(() => false),
      'an answer that is taken',
    );
    expect(await promise).toBe('yes');
  });

  it('ends what is followed', async () => {
    const sessions = open(StoreSessionAdapter);
    const { id, start } = await begin(sessions);
    const reader = new Reader(sessions, id, start);
    await sessions.appendEvent(id, 'stream', 'one');
    await until(() => reader.messages.length === 1, 'an event');
    server.cli('FLUSHALL');
    server.cli('CLIENT', 'KILL', 'TYPE', 'PUBSUB');
    expect(await reader.ended).toBeUndefined();
  });
});

describe('a Redis that does not answer', () => {
  it('makes calls reject in time, and does not end readers', async () => {
    const [writer, reading] = [open(StoreSessionAdapter), open(StoreSessionAdapter)];
    const { id, start } = await begin(writer);
    const reader = new Reader(reading, id, start);
    await writer.appendEvent(id, 'stream', 'one');
    await until(() => reader.messages.length === 1, 'an event');
    server.cli('CLIENT', 'PAUSE', '1500', 'ALL');
    await expect(writer.open(id, 60_000)).rejects.toThrow('did not answer within 300 ms');
    await until(() => works(() => writer.open(id, 60_000)), 'a call that works again');
    await writer.appendEvent(id, 'stream', 'two');
    await until(() => reader.messages.length === 2, 'another event');
    expect(reader.messages).toEqual(['one', 'two']);
    await reader.stop();
  }, 20_000);
});
