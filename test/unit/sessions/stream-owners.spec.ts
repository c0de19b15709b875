import { describe, expect, it } from '@jest/globals';
import { AdapterUnavailableError } from '../../../lib/adapters/adapter-unavailable.error.js';
import { InMemorySessionAdapter } from '../../../lib/adapters/in-memory/in-memory-session.adapter.js';
import { StreamOwners } from '../../../lib/sessions/stream-owners.js';
import { lastRecord, PRIMING, StreamLog } from '../../../lib/sessions/stream-log.js';

/** A store of instances that knows which of them live, and may be away. */
class SharedSessionAdapter extends InMemorySessionAdapter {
  override readonly isShared: any = true;
  readonly leases = new Map<string, number>();
  looks = 0;
  isAway = false;

  override async keepInstanceAlive(instance: string, ttlMs: number): Promise<void> {
    this.leases.set(instance, Date.now() + ttlMs);
  }

  override async isInstanceAlive(instance: string): Promise<boolean> {
    this.looks++;
    if (this.isAway) throw new AdapterUnavailableError('away');
    return (this.leases.get(instance) ?? 0) > Date.now();
  }
}

async function begin() {
  const adapter = new SharedSessionAdapter();
  const errors: unknown[] = [];
  const [first, second] = ['first', 'second'].map(
    (name) => new StreamOwners(adapter, name, (error) => errors.push(error)),
  ) as [StreamOwners, StreamOwners];
  await first.start();
  const id = adapter.generateSessionId();
  await adapter.create(id, { protocolVersion: '2025-11-25' });
  const log = new StreamLog(adapter, id, 'stream');
  const start = await log.append(PRIMING);
  await first.claim(log, [7, 'x']);
  const watching = new AbortController();
  const watched = second.watch(log, String(start), watching.signal, () => {});
  return {
    ...{ adapter, first, second, log, watched, errors },
    stop: () => watching.abort(),
    looked: async (times: number) => {
      while (adapter.looks < times) await new Promise(setImmediate);
    },
    async records() {
      const all: unknown[] = [];
      await adapter.replay(id, String(start), (_id, record) => void all.push(record));
      return all;
    },
  };
}

describe('the streams of an instance', () => {
  it('end with an error for each request once it has shut down', async () => {
    const { first, watched, looked, records } = await begin();
    await looked(1);
    await first.stop();
    await watched;
    const [one = '', other = '', ...more] = (await records()) as string[];
    expect(JSON.parse(one.slice(1))).toMatchObject({ id: 7, error: { code: -32603 } });
    expect(JSON.parse(other.slice(1))).toMatchObject({ id: 'x', error: { code: -32603 } });
    expect([one[0], other[0], more]).toEqual(['M', 'L', []]);
  });

  it('end once its last sign of life has expired', async () => {
    const { adapter, watched, looked, records } = await begin();
    await looked(1);
    adapter.leases.set('first', 0);
    await watched;
    expect((await records()).at(-1)).toMatch(/^L.*-32603/);
  });

  it('are watched on while the store is away', async () => {
    const { adapter, watched, looked, records } = await begin();
    adapter.isAway = true;
    await looked(2);
    adapter.leases.set('first', 0);
    adapter.isAway = false;
    await watched;
    expect((await records()).at(-1)).toMatch(/^L.*-32603/);
  });

  it('are left alone if it finished them before', async () => {
    const { adapter, first, log, watched, looked, records } = await begin();
    await looked(1);
    await first.release(log);
    adapter.leases.set('first', 0);
    await watched;
    expect(await records()).toEqual([]);
  });

  it('are not ended a second time if it died before it could say that it had', async () => {
    const { adapter, log, watched, looked, records } = await begin();
    await looked(1);
    const answer = lastRecord('{"jsonrpc":"2.0","id":"x","result":{}}');
    await log.append(answer);
    adapter.leases.set('first', 0);
    await watched;
    expect(await records()).toEqual([answer]);
  });

  it('are watched as long as somebody listens', async () => {
    const { first, watched, looked, stop, records } = await begin();
    await looked(1);
    stop();
    await watched;
    await first.stop();
    expect(await records()).toEqual([]);
  });
});
