import { describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  MemoryStore,
  MemoryStoreData,
  type SessionAdapter,
} from 'nestjs-mcp-adapters';
import { StoreSessionAdapter } from '../../../lib/adapters/store/store-session.adapter.js';
import { PLATFORMS } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions } from './fixture.js';

/** Ends a session right before something is appended to it, when the test says so. */
function ending<T extends SessionAdapter>(adapter: T): { readonly adapter: T; isEnding: boolean } {
  const setup = { adapter, isEnding: false };
  const append = adapter.appendEvent.bind(adapter);
  adapter.appendEvent = async (id, ...rest) => {
    if (setup.isEnding) await adapter.end(id);
    return append(id, ...rest);
  };
  return setup;
}

const KINDS = {
  'in memory': () => new InMemorySessionAdapter(),
  'in a store': () => new StoreSessionAdapter(new MemoryStore(new MemoryStoreData())),
} as const;

describe.each(PLATFORMS)('a session that ends while a request is let in on %s', (platform) => {
  it.each(Object.entries(KINDS))('%s: a GET is answered 404', async (_, make) => {
    const setup = ending<SessionAdapter>(make());
    const app = await startSessions({
      platform,
      mcp: { sessionAdapter: setup.adapter, clientRequestAdapter: new InMemoryClientRequestAdapter() },
    });
    const client = await SessionClient.open(app);
    setup.isEnding = true;
    const { status, text } = await client.get({ accept: 'text/event-stream' });
    expect(status).toBe(404);
    expect(text).toContain('Session not found');
    await app.close();
  });
});
