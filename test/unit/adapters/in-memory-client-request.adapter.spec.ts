import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InMemoryClientRequestAdapter } from '../../../lib/adapters/in-memory/in-memory-client-request.adapter.js';

describe('InMemoryClientRequestAdapter', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([0, -1, NaN])('does not wait %p ms by default', (defaultTimeoutMs) => {
    expect(() => new InMemoryClientRequestAdapter({ defaultTimeoutMs })).toThrow(RangeError);
    expect(() => new InMemoryClientRequestAdapter({ defaultTimeoutMs })).toThrow('defaultTimeoutMs');
  });

  it('waits 30 seconds when nobody says how long', async () => {
    const adapter = new InMemoryClientRequestAdapter();
    expect(adapter.defaultTimeoutMs).toBe(30_000);
    const outcome = adapter.createPending('session', 1).promise.catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(29_999);
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({
      code: 'MCP_CLIENT_REQUEST_TIMEOUT',
      name: 'ClientRequestTimeoutError',
    });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits as long as the caller says', async () => {
    const adapter = new InMemoryClientRequestAdapter({ defaultTimeoutMs: 5 });
    const { promise } = adapter.createPending('session', 1, { timeoutMs: 100 });
    await jest.advanceTimersByTimeAsync(99);
    expect(await adapter.resolvePending('session', 1, 'answer')).toBe(true);
    expect(await promise).toBe('answer');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([2 ** 31, 1e12, Infinity])(
    'does not give up at once when told to wait %p ms',
    async (timeoutMs) => {
      const adapter = new InMemoryClientRequestAdapter();
      const { promise } = adapter.createPending('session', 1, { timeoutMs });
      await jest.advanceTimersByTimeAsync(24 * 60 * 60 * 1_000);
      await adapter.resolvePending('session', 1, 'answer');
      expect(await promise).toBe('answer');
    },
  );

  it('rejects what waits when it is closed, and leaves no timer', async () => {
    const adapter = new InMemoryClientRequestAdapter();
    const pending = [1, 2, 3].map((id) => adapter.createPending(undefined, id).promise);
    const outcomes = Promise.allSettled(pending);
    await adapter.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { message: 'The server is shutting down' },
      });
    }
    expect(jest.getTimerCount()).toBe(0);
    expect(await adapter.resolvePending(undefined, 1, 'late')).toBe(false);
  });
});
