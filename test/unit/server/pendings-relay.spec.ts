import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AdapterUnavailableError } from '../../../lib/adapters/adapter-unavailable.error.js';
import { InMemoryClientRequestAdapter } from '../../../lib/adapters/in-memory/in-memory-client-request.adapter.js';
import { PendingsRelay } from '../../../lib/conversations/pendings-relay.js';
import type { RemoteListener } from '../../../lib/conversations/relay.js';
import { notification } from '../../../lib/protocol/json-rpc.js';

const line = (sent: unknown[]) => ({
  progressToken: () => undefined,
  logLevel: () => undefined,
  outbound: {
    send: async (message: unknown) => Boolean(sent.push(message)),
    closeStream: async () => {},
  },
});

const retry = { channel: 'channel', answers: {}, progressToken: 'token', logLevel: null };

describe('a retry that another instance serves', () => {
  let adapter: InMemoryClientRequestAdapter;
  let lost: number;
  let relay: PendingsRelay;
  let running: RemoteListener;

  beforeEach(() => {
    jest.useFakeTimers();
    adapter = new InMemoryClientRequestAdapter();
    lost = 0;
    relay = new PendingsRelay(adapter, 60 * 60_000);
    running = relay.listener('id', retry, (ending) => {
      if (ending === 'left') lost++;
    });
  });

  afterEach(async () => {
    const settled = running.settle({ result: '{}' });
    await jest.advanceTimersByTimeAsync(60_000);
    await settled;
    jest.useRealTimers();
  });

  const serve = (sent: unknown[] = []) => relay.call({ id: 'id', round: 1 }, retry).outcome(line(sent));

  it('is known by its token, and has no log level', () => {
    expect([running.progressToken(), running.logLevel()]).toEqual(['token', undefined]);
  });

  it('gets messages in order, and the outcome last', async () => {
    const sent: unknown[] = [];
    const outcome = serve(sent);
    const messages = [1, 2, 3].map((progress) => notification('notifications/progress', { progress }));
    for (const message of messages) void running.outbound?.send(message);
    void running.settle({ result: '{}' });
    void running.settle({ result: 'a second outcome' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toEqual({ result: '{}' });
    expect(sent).toEqual(messages);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits for as long as the other instance is alive', async () => {
    const outcome = serve();
    await jest.advanceTimersByTimeAsync(10 * 60_000);
    void running.settle({ result: '{}' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toEqual({ result: '{}' });
    expect(lost).toBe(0);
  });

  it('fails when nothing is heard of the instance that runs the call', async () => {
    const other = { ...retry, channel: 'another' };
    const outcome = relay.call({ id: 'id', round: 1 }, other).outcome(line([]));
    const failed = expect(outcome).rejects.toThrow('No answer');
    await jest.advanceTimersByTimeAsync(60_000);
    await failed;
  });

  it('goes on when the store was away for some seconds', async () => {
    const outcome = serve();
    const resolvePending = adapter.resolvePending.bind(adapter);
    adapter.resolvePending = () => Promise.reject(new AdapterUnavailableError('away'));
    void running.settle({ result: '{}' });
    await jest.advanceTimersByTimeAsync(5_000);
    adapter.resolvePending = resolvePending;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toEqual({ result: '{}' });
    expect(lost).toBe(0);
  });

  it('listens again when the store was away as it began to', async () => {
    const createPending = adapter.createPending.bind(adapter);
    adapter.createPending = () => {
      const away = Promise.reject(new AdapterUnavailableError('away'));
      return { promise: away, ready: away };
    };
    const outcome = serve();
    void running.settle({ result: '{}' });
    await jest.advanceTimersByTimeAsync(5_000);
    adapter.createPending = createPending;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toEqual({ result: '{}' });
    expect(lost).toBe(0);
  });

  it('tells the running side when the serving one is gone, once', async () => {
    void running.outbound?.send(notification('notifications/progress', {}));
    void running.outbound?.send(notification('notifications/progress', {}));
    await jest.advanceTimersByTimeAsync(120_000);
    await running.settle({ result: '{}' });
    expect(lost).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
