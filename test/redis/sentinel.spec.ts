import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { quiet } from '../support/redis-matrix.js';
import { PRIMARY, startSentinels, type RedisSentinels } from '../support/redis-sentinel.js';
import { type AdapterType, begin, numbers, onRedis, Reader, until, works } from './support.js';

describe.each(['ioredis', 'ioredis-5'])('Sentinel, with %s', (library) => {
  let redis: RedisSentinels;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => void (redis = await startSentinels()), 60_000);
  afterAll(() => redis.dispose());
  afterEach(async () => {
    for (const adapter of opened.splice(0)) await adapter.close();
  });

  /** The same adapter at two instances. */
  async function two<A extends { close(): Promise<void> }>(type: AdapterType<A>): Promise<[A, A]> {
    const { Redis } = (await import(library)) as typeof import('ioredis');
    const client = new Redis({ sentinels: [...redis.sentinels], name: PRIMARY, lazyConnect: true });
    const both: [A, A] = [
      onRedis(type, { client, ...quiet('sentinel') }),
      onRedis(type, { client, ...quiet('sentinel') }),
    ];
    opened.push(...both);
    return both;
  }

  it('goes on at the other server with all that was replicated', async () => {
    const [first, second] = await two(StoreSessionAdapter);
    const [asking, answering] = await two(StoreClientRequestAdapter);
    const [telling, hearing] = await two(StoreNotificationBus);
    const { id, start } = await begin(first);
    await first.writeState(id, 'key', 'value');
    const reader = new Reader(second, id, start);
    for (const message of numbers(20)) await first.appendEvent(id, 'stream', message);
    await until(() => reader.messages.length === 20, 'what comes before');
    const heard: string[] = [];
    await hearing.subscribe((event) => void ('uri' in event && heard.push(event.uri)));
    const question = asking.createPending(id, 1, { timeoutMs: 60_000 });
    await question.ready;

    await redis.replicated();
    await redis.failOver();
    for (const adapter of [first, second]) await until(() => works(() => adapter.has(id)), 'a primary');

    expect((await second.open(id, 60_000))?.meta).toEqual({ protocolVersion: '2025-11-25' });
    expect(await second.readState(id)).toEqual({ key: 'value' });
    const replayed: unknown[] = [];
    expect(await first.replay(id, start, (_, message) => void replayed.push(message))).toBe(true);
    expect(replayed).toEqual(numbers(20));

    await first.appendEvent(id, 'stream', 'after');
    await until(() => reader.messages.length > 20, 'what comes after');
    expect(reader.messages).toEqual([...numbers(20), 'after']);
    await telling.publish({ type: 'resource_updated', server: '', uri: 'after' });
    await until(() => heard.length > 0, 'an event of the bus');
    expect(heard).toEqual(['after']);
    // An answer that was rejected during the failover may have been taken: then its repetition is answered `false`.
    let isAnswered = false;
    void question.promise.then(() => (isAnswered = true));
    await until(
      async () => isAnswered || answering.resolvePending(id, 1, 'answer').catch(() => false),
      'somebody who waits',
    );
    expect(await question.promise).toBe('answer');
    await reader.stop();
  }, 60_000);
});
