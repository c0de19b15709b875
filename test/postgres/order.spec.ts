import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PostgresStore } from '../../lib/adapters/postgres/postgres-store.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { startPostgres, type PostgresServer } from '../support/postgres.js';
import { Lines } from './support.js';

let server: PostgresServer;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server.dispose());

it('appends nothing that was given up after what was said next', async () => {
  const options = { url: server.url, migrate: true, logger: new Lines(), commandTimeoutMs: 500 };
  const store = new PostgresStore(options);
  await store.open();
  const adapter = new StoreSessionAdapter(store);
  for (let round = 0; round < 20; round++) {
    const id = `session-${round}`;
    await adapter.create(id, { protocolVersion: '2025-11-25' });
    await adapter.open(id, 600_000);
    const start = String(await adapter.appendEvent(id, 'stream', 'start'));
    // Connections that what is said next may use: to which of them the server wakes up first is its own affair.
    await Promise.all(Array.from({ length: 8 }, () => adapter.has(id)));
    server.pause();
    await expect(adapter.appendEvent(id, 'stream', 'given up')).rejects.toThrow(/Postgres/);
    const next = adapter.appendEvent(id, 'stream', 'next').catch(() => undefined);
    server.resume();
    await next;
    // Whatever the first one has set going comes to its end with its backend.
    await untilIdle();
    await adapter.appendEvent(id, 'stream', 'last');
    const seen: unknown[] = [];
    await adapter.replay(id, start, (_, message) => void seen.push(message));
    expect(seen.indexOf('next')).toBeGreaterThanOrEqual(seen.indexOf('given up'));
    expect(seen.at(-1)).toBe('last');
  }
  await store.close();
}, 60_000);

async function untilIdle(): Promise<void> {
  const active = () =>
    server.query(`select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()`);
  while ((await active()).length > 0);
}
