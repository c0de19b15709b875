import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sessionAdapterContract } from 'nestjs-mcp-adapters/testing';
import { KvClientRequestAdapter } from '../../sample/13-cloudflare-worker/kv/kv-client-request.adapter.js';
import { KvSessionAdapter } from '../../sample/13-cloudflare-worker/kv/kv-session.adapter.js';
import { MINUTE, SlowKv } from './slow-kv.js';

const META = { protocolVersion: '2025-11-25' };
const STREAM = 'stream';
const HOUR = 60 * MINUTE;

/** Longest time until something written at one place is read at another that has looked before. */
const ARRIVAL = 2 * MINUTE;

let kv: SlowKv;
beforeEach(() => {
  kv = new SlowKv();
  jest.spyOn(Date, 'now').mockImplementation(() => kv.now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Numbers between 0 and 1, the same each time. */
function drawing(): () => number {
  let state = 42;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** A session, known at both places. */
async function known() {
  const [here, there] = [new KvSessionAdapter(kv.at('here')), new KvSessionAdapter(kv.at('there'))];
  const id = here.generateSessionId();
  await here.create(id, META);
  kv.pass(ARRIVAL);
  expect(await there.has(id)).toBe(true);
  return { id, here, there };
}

/** A reader that goes on where it was, at whichever place. */
class Reader {
  readonly messages: unknown[] = [];
  readonly ids: string[] = [];

  constructor(
    private readonly id: string,
    private last: string,
  ) {}

  async read(adapter: KvSessionAdapter): Promise<void> {
    const isComplete = await adapter.replay(this.id, this.last, (eventId, message) => {
      this.messages.push(message);
      this.ids.push((this.last = eventId));
    });
    expect(isComplete).not.toBe(false);
  }
}

/** Each message once, and those of one place in the order in which they were said. */
function expectOnce(messages: readonly unknown[], said: readonly string[]): void {
  const of = (name: string, all: readonly unknown[]) => all.filter((each) => String(each).startsWith(name));
  expect(messages).toHaveLength(said.length);
  for (const name of ['here', 'there']) expect(of(name, messages)).toEqual(of(name, said));
}

describe('sessions in KV, where a write takes a minute and misses are remembered', () => {
  it('are known elsewhere after that time, and where they were begun at once', async () => {
    const [here, there] = [new KvSessionAdapter(kv.at('here')), new KvSessionAdapter(kv.at('there'))];
    const id = here.generateSessionId();
    expect(await there.has(id)).toBe(false);
    await here.create(id, META);
    expect([await here.has(id), await there.has(id)]).toEqual([true, false]);
    kv.pass(MINUTE / 2);
    expect(await there.get(id)).toBeUndefined();
    kv.pass(ARRIVAL);
    expect(await there.get(id)).toEqual({ meta: META });
  });

  it('stay deleted once that has arrived, whatever is written elsewhere before', async () => {
    const { id, here, there } = await known();
    const cursor = (await here.appendEvent(id, STREAM, 1)) as string;
    await here.end(id);
    expect([await here.has(id), await there.has(id)]).toEqual([false, true]);
    // It is still in use there, which writes that it is alive, an event and state.
    await there.open(id, HOUR);
    expect(await there.appendEvent(id, STREAM, 2)).toBeDefined();
    await there.writeState(id, 'key', 'value');
    kv.pass(ARRIVAL);
    for (const adapter of [here, there]) {
      expect(await adapter.has(id)).toBe(false);
      expect(await adapter.open(id, HOUR)).toBeUndefined();
      expect(await adapter.appendEvent(id, STREAM, 3)).toBeUndefined();
      expect(await adapter.replay(id, cursor, () => undefined)).toBe(false);
      expect(await adapter.readState(id)).toEqual({});
    }
  });

  it('keep what two places write to their state at the same time', async () => {
    const { id, here, there } = await known();
    await Promise.all([here.writeState(id, 'a', 1), there.writeState(id, 'b', 2)]);
    kv.pass(ARRIVAL);
    for (const adapter of [here, there]) expect(await adapter.readState(id)).toEqual({ a: 1, b: 2 });
    await here.writeState(id, 'a', undefined);
    kv.pass(ARRIVAL);
    for (const adapter of [here, there]) expect(await adapter.readState(id)).toEqual({ b: 2 });
  });

  it('leave nothing behind for more than a day', async () => {
    const { id, here } = await known();
    await here.open(id, HOUR);
    await here.appendEvent(id, STREAM, 1);
    await here.writeState(id, 'key', 'value');
    await here.end(id);
    expect(kv.size).toBeGreaterThan(4);
    kv.pass(24 * HOUR);
    expect(kv.size).toBe(0);
  });
});

describe('events in KV', () => {
  const draw = drawing();
  beforeEach(() => {
    kv = new SlowKv(() => draw() * MINUTE);
  });

  it('are read elsewhere once, in their order, though they arrive in another', async () => {
    const { id, here, there } = await known();
    const reader = new Reader(id, (await here.appendEvent(id, STREAM, 0)) as string);
    for (let second = 1; second <= 60; second++) {
      await here.appendEvent(id, STREAM, second);
      kv.pass(1_000);
      await reader.read(there);
    }
    expect(reader.messages.length).toBeLessThan(60);
    kv.pass(ARRIVAL);
    await reader.read(there);
    expect(reader.messages).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it('of two places are each read once at both, and whatever was read last, what is left at a third', async () => {
    const { id, here, there } = await known();
    const cursor = (await here.appendEvent(id, STREAM, 'begin')) as string;
    const [atOne, atOther] = [new Reader(id, cursor), new Reader(id, cursor)];
    const said: string[] = [];
    for (let round = 0; round < 40; round++) {
      for (const [name, adapter] of Object.entries({ here, there })) {
        if (draw() < 0.3) continue;
        said.push(`${name} ${round}`);
        await adapter.appendEvent(id, STREAM, said.at(-1));
      }
      kv.pass(5_000 * draw());
      await atOne.read(here);
      await atOther.read(there);
    }
    kv.pass(ARRIVAL);
    await atOne.read(here);
    await atOther.read(there);
    for (const { messages, ids } of [atOne, atOther]) {
      expectOnce(messages, said);
      for (const [index, position] of ids.entries()) {
        const rest = new Reader(id, position);
        await rest.read(new KvSessionAdapter(kv.at('third')));
        expectOnce([...messages.slice(0, index + 1), ...rest.messages], said);
      }
    }
  });

  it('of two places are each read once by a client that moves between them', async () => {
    const { id, here, there } = await known();
    const reader = new Reader(id, (await here.appendEvent(id, STREAM, 'begin')) as string);
    const said: string[] = [];
    for (let round = 0; round < 100; round++) {
      for (const [name, adapter] of Object.entries({ here, there })) {
        if (draw() < 0.5) continue;
        said.push(`${name} ${round}`);
        await adapter.appendEvent(id, STREAM, said.at(-1));
      }
      kv.pass(5_000 * draw());
      await reader.read(Math.floor(round / 10) % 2 === 0 ? here : there);
    }
    kv.pass(ARRIVAL);
    await reader.read(here);
    expectOnce(reader.messages, said);
  });

  it('have the same id for whoever appends and whoever reads in one place', async () => {
    const { id, here, there } = await known();
    const reader = new Reader(id, (await here.appendEvent(id, STREAM, 0)) as string);
    const ids: (string | undefined)[] = [];
    for (let number = 1; number <= 20; number++) {
      await there.appendEvent(id, STREAM, -number);
      kv.pass(10_000);
      ids.push(await here.appendEvent(id, STREAM, number));
      await reader.read(here);
    }
    const own = reader.ids.filter((_, index) => Number(reader.messages[index]) > 0);
    expect(own).toEqual(ids);
  });

  it('are each a key of their own with a time to live, whoever writes at the same time', async () => {
    const { id, here, there } = await known();
    const before = kv.written.length;
    await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        (number % 2 === 0 ? here : there).appendEvent(id, STREAM, number),
      ),
    );
    expect(new Set(kv.written.slice(before)).size).toBe(50);
    kv.pass(HOUR);
    expect(kv.size).toBe(1);
  });

  it('are refused behind a position that is none, or that claims what was never written', async () => {
    const { id, here } = await known();
    const cursor = (await here.appendEvent(id, STREAM, 1)) as string;
    const hostile = [
      ...['', '#', `#${STREAM}`, `x#${STREAM}`, cursor.replace('#', ',#'), cursor.replace('.1#', '.2#')],
      `${Array.from({ length: 100 }, (_, index) => `${String(index).padStart(12, '0')}.1`).join(',')}#${STREAM}`,
    ];
    for (const position of hostile) {
      expect([position, await here.replay(id, position, () => undefined)]).toEqual([position, false]);
    }
  });
});

describe('questions in KV', () => {
  it('are answered elsewhere before anybody there knows of them, and no answer is lost', async () => {
    const { id, here, there } = await known();
    const asker = new KvClientRequestAdapter(kv.at('here'), here);
    const answerer = new KvClientRequestAdapter(kv.at('there'), there);
    const { promise } = asker.createPending(id, 'question', { timeoutMs: 10 * MINUTE });
    expect(await answerer.resolvePending(id, 'question', { result: 1 })).toBe(true);
    kv.pass(ARRIVAL);
    expect(await promise).toEqual({ result: 1 });
  });

  it('are answered once, however many answers there are', async () => {
    const { id, here, there } = await known();
    const asker = new KvClientRequestAdapter(kv.at('here'), here);
    const answerer = new KvClientRequestAdapter(kv.at('there'), there);
    const { promise } = asker.createPending(id, 'question', { timeoutMs: 10 * MINUTE });
    await answerer.resolvePending(id, 'question', 'elsewhere');
    expect(await asker.resolvePending(id, 'question', 'here')).toBe(true);
    expect(await promise).toBe('here');
  });

  it('keep an answer for an hour, and answers of foreign sessions apart', async () => {
    const { id, here, there } = await known();
    const answerer = new KvClientRequestAdapter(kv.at('there'), there);
    await answerer.resolvePending(id, 'question', 'early');
    expect(await answerer.resolvePending('unknown', 'question', 'foreign')).toBe(false);
    expect(await answerer.resolvePending(undefined, 'question', 'foreign')).toBe(false);
    kv.pass(HOUR - 1);
    const asker = new KvClientRequestAdapter(kv.at('here'), here);
    expect(await asker.createPending(id, 'question', { timeoutMs: 10 * MINUTE }).promise).toBe('early');
    kv.pass(1);
    expect(kv.written.filter((key) => key.startsWith('answer/'))).toHaveLength(1);
  });

  it('end when their time is over, or their asker does', async () => {
    const { id, here } = await known();
    const asker = new KvClientRequestAdapter(kv.at('here'), here);
    const late = asker.createPending(id, 'late', { timeoutMs: MINUTE }).promise;
    kv.pass(MINUTE);
    await expect(late).rejects.toThrow('No answer in time');
    const left = asker.createPending(id, 'left', { timeoutMs: MINUTE }).promise;
    const closed = expect(left).rejects.toThrow('closed');
    await asker.close();
    await closed;
  });
});

/** Cases of the contract that KV cannot keep even in one place: a common order of two writers, and ids that are used again. */
const NOT_KEPT = [
  'replaces a session whose id is taken, with its events',
  'shows nothing of a deleted session in a later one of its id',
  'gives a session that was ended and created again a life of its own',
  'keeps all events that two instances append at the same time, in one order',
  'gives each event once and in order while two instances append',
  // A key takes one write a second.
  'keeps a session alive as long as any instance opens it in time',
];

describe('the contract of sessions, in one place that sees at once what it wrote', () => {
  beforeEach(() => {
    jest.restoreAllMocks();
  });

  const kept = sessionAdapterContract.filter(({ name }) => !NOT_KEPT.includes(name));

  it('has no other cases than these and what is not kept', () => {
    expect(kept).toHaveLength(sessionAdapterContract.length - NOT_KEPT.length);
  });

  it.each(kept.map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
    const store = new SlowKv(() => 0, 0, Date.now);
    await run(() => ({
      adapter: new KvSessionAdapter(store.at('here')),
      another: async () => new KvSessionAdapter(store.at('here')),
      dispose: async () => {},
    }));
  });
});
