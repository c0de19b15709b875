import { afterEach, describe, expect, it } from '@jest/globals';
import { McpModule, type McpModuleOptions } from 'nestjs-mcp-adapters';
import type { SessionMeta } from 'nestjs-mcp-adapters/adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';
import { InMemoryPlainAdapter, InMemoryPlainRequests } from './plain-adapters.js';

const requestStateSecret = 'x'.repeat(32);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A table whose primary key is a `uuid`. */
class UuidColumn extends InMemoryPlainAdapter {
  override create(id: string, meta: SessionMeta): unknown {
    if (!UUID.test(id)) throw new Error(`invalid input syntax for type uuid: "${id}"`);
    return super.create(id, meta);
  }
}

/** Takes only ids that it has given out. */
class OwnIdsOnly extends InMemoryPlainAdapter {
  readonly #given = new Set<string>();

  override generateSessionId(): string {
    const id = super.generateSessionId();
    this.#given.add(id);
    return id;
  }

  override create(id: string, meta: SessionMeta): unknown {
    if (!this.#given.has(id)) throw new Error(`No id of mine: ${id}`);
    return super.create(id, meta);
  }
}

/** A table with columns for what it knows. */
class KnownColumns extends InMemoryPlainAdapter {
  override create(id: string, { protocolVersion, principal }: SessionMeta): unknown {
    return super.create(id, { protocolVersion, ...(principal !== undefined && { principal }) });
  }
}

/** Takes no second record of a session while it is full. */
class Full extends InMemoryPlainAdapter {
  isFull = false;

  override create(id: string, meta: SessionMeta): unknown {
    if (this.isFull && this.sessions.size > 0) throw new Error('No space left on device');
    return super.create(id, meta);
  }
}

class OfOneProcess extends InMemoryPlainAdapter {
  readonly isShared = false;
}
class RequestsOfOneProcess extends InMemoryPlainRequests {
  readonly isShared = false;
}

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const start = (sessionAdapter: McpModuleOptions['sessionAdapter'] & object, mcp: McpModuleOptions = {}) =>
  startSessions({
    mcp: { sessionAdapter, requestStateSecret, ...mcp },
    tools: {
      set: (ctx) => ctx.session.set('key', 'kept').then(() => 'set'),
      get: async (ctx) => String(await ctx.session.get('key')),
    },
  });

describe('a store that takes ids of one shape', () => {
  it('keeps sessions, their state and their time in it, and nothing once they end', async () => {
    const store = new UuidColumn();
    app = await start(store);
    expect(store.sessions.size).toBe(0);
    const client = await SessionClient.open(app);
    await client.call('set');
    expect(textOf((await client.call('get')).json)).toBe('kept');
    expect(store.sessions.size).toBe(3);
    for (const id of store.sessions.keys()) {
      if (id === client.id) continue;
      const headers = { 'mcp-session-id': id };
      expect((await client.with({ headers }).request('ping')).status).toBe(404);
      expect((await client.with({ headers }).delete()).status).toBe(404);
    }
    expect((await client.delete()).status).toBe(204);
    expect(store.sessions.size).toBe(0);
  });

  it.each([
    ['refuses the ids of records beside sessions', OwnIdsOnly, /OwnIdsOnly.*create\(\) refuses the id/],
    ['drops the fields that it does not know', KnownColumns, /KnownColumns.*keep the whole of meta/],
  ])('is refused at the start where it %s', async (_fault, Adapter, reason) => {
    const store = new Adapter();
    const server = McpModule.forRoot({ sessionAdapter: store, requestStateSecret });
    await expect(startApp({ imports: [server] })).rejects.toThrow(reason);
    expect(store.sessions.size).toBe(0);
  });
});

describe('a session that could not be stored completely', () => {
  it('leaves no record', async () => {
    const store = new Full();
    app = await start(store, { logger: { log() {}, warn() {}, error() {} } });
    store.isFull = true;
    expect((await initialize(app.url)).status).toBe(500);
    expect(store.sessions.size).toBe(0);
  });
});

describe('a session whose time is over', () => {
  it('leaves no record, though the instance that began it is gone', async () => {
    const store = new InMemoryPlainAdapter();
    app = await start(store);
    const gone = await SessionClient.open(app);
    await app.close();
    for (const { meta } of store.sessions.values()) {
      if ('expiresAt' in meta) (meta as Record<string, unknown>)['expiresAt'] = Date.now() - 1;
    }
    app = await start(store);
    expect(store.sessions.size).toBe(2);
    expect((await gone.with({ url: app.url }).request('ping')).status).toBe(404);
    expect(store.sessions.size).toBe(0);
  });
});

describe('isShared = false of adapters without the base class', () => {
  it('is heeded: such an instance needs no secret in common with others', async () => {
    const server = McpModule.forRoot({
      sessionAdapter: new OfOneProcess(),
      clientRequestAdapter: new RequestsOfOneProcess(),
    });
    app = await startApp({ imports: [server] });
    const shared = McpModule.forRoot({ sessionAdapter: new InMemoryPlainAdapter() });
    await expect(startApp({ imports: [shared] })).rejects.toThrow('isShared = false');
  });
});
