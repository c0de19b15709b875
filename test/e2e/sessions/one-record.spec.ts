import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, MemoryStore, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { StoreSessionAdapter } from 'nestjs-mcp-adapters/adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';
import { InMemoryPlainAdapter } from './plain-adapters.js';

/** Ids that end like those of a message in the middle of a record, or of the last of a stream. */
class LookalikeIds extends InMemoryPlainAdapter {
  #next = 1;

  override appendEvent(id: string, streamId: string, message: unknown): string | undefined {
    const eventId = super.appendEvent(id, streamId, message);
    const events = this.sessions.get(id)?.events ?? [];
    const event = events.pop();
    if (eventId === undefined || !event) return undefined;
    const lookalike = `${this.#next++}!${events.length % 3 === 0 ? '' : (events.length % 3) + 1}`;
    events.push({ ...event, id: lookalike });
    return lookalike;
  }
}

/** Counts what is stored, and the messages of it that are no priming. */
function counted(
  adapter: McpModuleOptions['sessionAdapter'] & object,
): { records: string[] } & typeof adapter {
  const records: string[] = [];
  const append = Reflect.get(adapter, 'appendEvent') as (...args: unknown[]) => unknown;
  return Object.assign(adapter, {
    records,
    appendEvent(this: unknown, id: string, streamId: string, message: unknown, ...rest: unknown[]) {
      if (message !== 'P') records.push(String(message));
      return append.call(this, id, streamId, message, ...rest);
    },
  });
}

const ADAPTERS: readonly [string, () => McpModuleOptions['sessionAdapter'] & object][] = [
  ['in memory', () => new InMemorySessionAdapter()],
  ['in a store', () => new StoreSessionAdapter(new MemoryStore())],
  ['of a class with seven methods', () => new InMemoryPlainAdapter()],
  ['with ids that look like ours', () => new LookalikeIds()],
];

describe.each(PLATFORMS)('what a handler says in one turn, on %s', (platform) => {
  describe.each(ADAPTERS)('sessions %s', (_title, create) => {
    let app: TestApp;
    let client: SessionClient;
    let adapter: { records: string[] };

    beforeAll(async () => {
      const sessionAdapter = counted(create());
      adapter = sessionAdapter;
      app = await startSessions({
        platform,
        mcp: { sessionAdapter, requestStateSecret: 'x'.repeat(32) },
        tools: {
          say: async (ctx, { count, text = '' }) => {
            for (let n = 1; n <= count; n++) void ctx.progress(n, count, text);
            await Promise.resolve();
            return 'done';
          },
          slowly: async (ctx, { count }) => {
            for (let n = 1; n <= count; n++) await ctx.progress(n, count);
            return 'done';
          },
        },
      });
      client = await SessionClient.open(app);
    });
    afterAll(() => app.close());

    const steps = (messages: readonly any[]) => messages.map(({ params }) => params?.progress ?? 'result');
    const whole = (count: number) => [...Array.from({ length: count }, (_, n) => n + 1), 'result'];

    async function say(count: number, tool = 'say', args: object = {}) {
      adapter.records.length = 0;
      const exchange = client.begin(tool, { count, ...args }, { progressToken: 1 });
      await exchange.closed;
      expect(steps(exchange.messages)).toEqual(whole(count));
      const ids = exchange.events.map(({ id }) => id).filter((id) => id !== undefined);
      return { ids, records: [...adapter.records] };
    }

    it('is stored as one record, with an id for each message', async () => {
      const { ids, records } = await say(10);
      expect(records).toHaveLength(2);
      expect(records[0]?.split('\n')).toHaveLength(10);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('is stored one by one where each is awaited', async () => {
      const { records } = await say(10, 'slowly');
      expect(records).toHaveLength(11);
    });

    it('is stored in several records where it is much', async () => {
      const { records } = await say(10, 'say', { text: 'x'.repeat(6000) });
      expect(records.length).toBeGreaterThan(3);
      expect(Math.max(...records.map(({ length }) => length))).toBeLessThan(20_000);
    });

    it.each([1, 2, 3, 10])('goes on behind each of %i messages', async (count) => {
      const { ids } = await say(count);
      // The first id is of no message.
      for (const [index, id] of ids.entries()) {
        const rest = client.listen(id);
        await rest.closed;
        if (index === count + 1) expect(rest.status).toBe(405);
        else expect([index, ...steps(rest.messages)]).toEqual([index, ...whole(count).slice(index)]);
      }
    });

    it('goes on again from ids that a resumed stream has given', async () => {
      const { ids } = await say(4);
      const first = client.listen(ids[2]);
      await first.closed;
      expect(first.events.map(({ id }) => id).filter((id) => id !== undefined)).toEqual(ids.slice(3));
    });

    it('refuses ids of messages that there are not', async () => {
      const { ids } = await say(3);
      const [, one = ''] = ids;
      expect(one).toMatch(/!1$/);
      const before = one.slice(0, -2);
      for (const mark of ['!0', '!3', '!4', '!99999', '!100000', '!-1', '!1.5', '!01', '!1!', '!1!1']) {
        const { status } = await client.get({ accept: 'text/event-stream', 'last-event-id': before + mark });
        expect([mark, status]).toEqual([mark, 400]);
      }
      const foreign = await SessionClient.open(app);
      const stolen = await foreign.get({ accept: 'text/event-stream', 'last-event-id': one });
      expect(stolen.status).toBe(400);
    });

    it('comes with the answers of a batch', async () => {
      const old = await SessionClient.open(app, { version: '2025-03-26' });
      const call = (id: number, tool: string) => ({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name: tool, arguments: { count: 3 }, _meta: { progressToken: id } },
      });
      const exchange = old.raw({ method: 'POST', body: [call(1, 'say'), call(2, 'slowly'), call(3, 'say')] });
      await exchange.closed;
      for (const id of [1, 2, 3]) {
        const own = exchange.messages.filter((message) => message.params?.progressToken === id);
        expect(steps(own)).toEqual([1, 2, 3]);
        expect(textOf(exchange.messages.find((message) => message.id === id))).toBe('done');
      }
    });
  });
});
