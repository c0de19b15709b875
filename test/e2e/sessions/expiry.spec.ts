import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, StreamableHttpTransport, type McpModuleOptions } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf, until } from './fixture.js';
import { InMemoryPlainAdapter } from './plain-adapters.js';

/** Shows what the store still has. */
class CountedSessions extends InMemorySessionAdapter {
  readonly ids = new Set<string>();

  override create(...given: Parameters<InMemorySessionAdapter['create']>) {
    this.ids.add(given[0]);
    return super.create(...given);
  }

  override delete(id: string) {
    this.ids.delete(id);
    return super.delete(id);
  }
}

interface Store {
  readonly options: McpModuleOptions;
  isEmpty(): boolean;
}

const STORES: Record<string, () => Store> = {
  'the in-memory adapter'() {
    const sessionAdapter = new CountedSessions();
    return { options: { sessionAdapter }, isEmpty: () => sessionAdapter.ids.size === 0 };
  },
  'the seven methods alone'() {
    const sessionAdapter = new InMemoryPlainAdapter();
    const options = { sessionAdapter, requestStateSecret: 'x'.repeat(32) };
    return { options, isEmpty: () => sessionAdapter.sessions.size === 0 };
  },
};

describe.each(Object.entries(STORES))('a session without use, on %s', (_name, open) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(sessionTtlMs: number, tools = {}) {
    const { options, isEmpty } = open();
    app = await startSessions({ mcp: { ...options, sessionTtlMs, shutdownGraceMs: 0 }, tools });
    return isEmpty;
  }
  const stats = () => app.app.get(StreamableHttpTransport).stats();

  it('ends, and leaves nothing', async () => {
    const isEmpty = await start(1_000, { keep: (ctx: any) => ctx.session.set('a', 1).then(() => 'kept') });
    const client = await SessionClient.open(app);
    expect(textOf((await client.call('keep')).json)).toBe('kept');
    await until(() => stats().sessions === 0);
    for (const answer of [await client.request('ping'), await client.get(), await client.delete()]) {
      expect(answer.status).toBe(404);
    }
    expect(isEmpty()).toBe(true);
  });

  it('leaves nothing when its client comes too late, before anybody has cleaned up', async () => {
    const isEmpty = await start(200);
    const client = await SessionClient.open(app);
    await until(async () => {
      // Stops the clock of the server, so that the request comes before the next look at what has expired.
      const end = Date.now() + 230;
      while (Date.now() < end);
      return (await client.request('ping')).status === 404;
    });
    await until(isEmpty);
  });

  it('lives while a stream is open', async () => {
    await start(2_000);
    const client = await SessionClient.open(app);
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    const others: SessionClient[] = [];
    for (let round = 0; round < 2; round++) {
      others.push(await SessionClient.open(app));
      await until(() => stats().sessions === 1);
    }
    expect((await client.request('ping')).status).toBe(200);
    expect((await others[0]?.request('ping'))?.status).toBe(404);
    expect(stream.isComplete).toBe(false);
    stream.cut();
    await until(() => stats().sessions === 0);
  });

  it('lives while a call runs', async () => {
    const gate = new Gate();
    await start(2_000, { hold: () => gate.opened.then(() => 'held') });
    const client = await SessionClient.open(app);
    const answer = client.call('hold');
    await until(() => stats().requests === 1);
    for (let round = 0; round < 2; round++) {
      await SessionClient.open(app);
      await until(() => stats().sessions === 1);
    }
    gate.open();
    expect(textOf((await answer).json)).toBe('held');
  });

  it('lives as long as it is used', async () => {
    await start(1_500);
    const client = await SessionClient.open(app);
    const end = Date.now() + 3_500;
    while (Date.now() < end) {
      expect((await client.request('ping')).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});
