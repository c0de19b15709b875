import { describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter } from '../../../lib/adapters/in-memory/in-memory-session.adapter.js';

const META = { protocolVersion: '2025-11-25' };

async function append(adapter: InMemorySessionAdapter, streamId: string, message: unknown): Promise<string> {
  return (await adapter.appendEvent('session', streamId, message)) as string;
}

async function replayed(adapter: InMemorySessionAdapter, after: string): Promise<unknown[] | false> {
  const messages: unknown[] = [];
  const isComplete = await adapter.replay('session', after, (_id, message) => void messages.push(message));
  return isComplete && messages;
}

async function withSession(options?: ConstructorParameters<typeof InMemorySessionAdapter>[0]) {
  const adapter = new InMemorySessionAdapter(options);
  await adapter.create('session', META);
  return adapter;
}

describe('InMemorySessionAdapter', () => {
  describe.each(['maxEventBufferSize', 'maxEventBufferBytes', 'maxStreamLogs'])('option %s', (option) => {
    it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53, '10'])('does not take %p', (value) => {
      expect(() => new InMemorySessionAdapter({ [option]: value })).toThrow(RangeError);
      expect(() => new InMemorySessionAdapter({ [option]: value })).toThrow(option);
    });

    it('takes 1', () => {
      expect(new InMemorySessionAdapter({ [option]: 1 })).toBeInstanceOf(InMemorySessionAdapter);
    });
  });

  it('keeps 1024 events of a stream by default', async () => {
    const adapter = await withSession();
    const ids: string[] = [];
    for (let n = 0; n <= 1_025; n++) ids.push(await append(adapter, 'stream', n));
    expect(await replayed(adapter, ids[0] as string)).toBe(false);
    expect(await replayed(adapter, ids[1] as string)).toHaveLength(1_024);
  });

  it('keeps as many events and bytes of each stream as it was told', async () => {
    const adapter = await withSession({ maxEventBufferSize: 3, maxEventBufferBytes: 10 });
    const first = await append(adapter, 'stream', '0');
    const second = await append(adapter, 'stream', '1');
    for (const message of ['2', '3']) await append(adapter, 'stream', message);
    const other = await append(adapter, 'other', '0');
    expect(await replayed(adapter, first)).toEqual(['1', '2', '3']);
    await append(adapter, 'stream', '123456789');
    expect(await replayed(adapter, second)).toBe(false);
    expect(await replayed(adapter, other)).toEqual([]);
  });

  it('drops the stream that was used longest ago', async () => {
    const adapter = await withSession({ maxStreamLogs: 2 });
    const a = await append(adapter, 'a', 'priming');
    const b = await append(adapter, 'b', 'priming');
    await append(adapter, 'a', 'used again');
    const c = await append(adapter, 'c', 'priming');
    expect(await replayed(adapter, b)).toBe(false);
    expect(await replayed(adapter, a)).toEqual(['used again']);
    expect(await replayed(adapter, c)).toEqual([]);
  });

  it('never drops a stream that is being followed, and does when it is not any more', async () => {
    const adapter = await withSession({ maxStreamLogs: 1 });
    const idle = await append(adapter, 'idle', 'priming');
    const stop = new AbortController();
    const events = adapter.subscribe('session', idle, stop.signal);
    const next = events.next();
    for (let n = 0; n < 5; n++) await append(adapter, `busy-${n}`, 'message');
    await append(adapter, 'idle', 'at last');
    expect((await next).value?.message).toBe('at last');

    stop.abort();
    expect(await events.next()).toMatchObject({ done: true });
    await append(adapter, 'busy', 'message');
    expect(await replayed(adapter, idle)).toBe(false);
  });

  it('drops what was too much as soon as it may, also when only one stream goes on', async () => {
    const adapter = await withSession({ maxStreamLogs: 1 });
    const idle = await append(adapter, 'idle', 'priming');
    const stop = new AbortController();
    const events = adapter.subscribe('session', idle, stop.signal);
    const next = events.next();
    await append(adapter, 'busy', 'first');
    stop.abort();
    await next;
    await append(adapter, 'busy', 'second');
    expect(await replayed(adapter, idle)).toBe(false);
  });

  it('gives events ids that name their stream and say nothing else', async () => {
    const adapter = await withSession();
    const id = await append(adapter, 'a#b', 'message');
    expect(id).toMatch(/^[\w-]{8}\.1#a#b$/);
    expect(adapter.streamIdOf(id)).toBe('a#b');
    await adapter.create('session', META);
    expect(await append(adapter, 'a#b', 'message')).not.toBe(id);
  });

  it('gives out the facts without copying them, frozen in depth', async () => {
    const adapter = new InMemorySessionAdapter();
    const meta = { ...META, clientInfo: { name: 'client', version: '1' } };
    await adapter.create('session', meta);
    const { meta: kept } = (await adapter.get('session')) ?? {};
    expect(kept).toEqual(meta);
    expect(kept).not.toBe(meta);
    expect(Object.isFrozen(kept) && Object.isFrozen(kept?.clientInfo)).toBe(true);
    expect((await adapter.get('session'))?.meta).toBe(kept);
    expect(Object.isFrozen(meta)).toBe(false);
  });

  it('tells a replay that is overtaken while it writes', async () => {
    const adapter = await withSession({ maxEventBufferSize: 2 });
    const priming = await append(adapter, 'stream', 'priming');
    await append(adapter, 'stream', 'one');
    const written: unknown[] = [];
    const isComplete = await adapter.replay('session', priming, async (_id, message) => {
      written.push(message);
      for (let n = 0; n < 3; n++) await append(adapter, 'stream', n);
    });
    expect(isComplete).toBe(false);
    expect(written).toEqual(['one']);
  });
});
