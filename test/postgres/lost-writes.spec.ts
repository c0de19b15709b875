import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { cp, rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { PostgresStore } from '../../lib/adapters/postgres/postgres-store.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { startPostgres, type PostgresServer } from '../support/postgres.js';
import { append, begin, Instances, Lines, LOGGED, until } from './support.js';

let server: PostgresServer;
beforeEach(async () => void (server = await startPostgres()), 60_000);
afterEach(() => server.dispose());

/** A copy of the files, which can be gone back to: as a replica that takes over too early. */
async function copyFiles(): Promise<() => Promise<void>> {
  const copy = `${server.files}-copy`;
  await server.stop();
  await cp(server.files, copy, { recursive: true });
  await server.start();
  return async () => {
    await server.stop('immediate');
    await rm(server.files, { recursive: true });
    await cp(copy, server.files, { recursive: true });
    spawnSync('chown', ['-R', 'postgres', server.files]);
    spawnSync('chmod', ['700', server.files]);
    await server.start();
  };
}

it.each([0, 2, 4])(
  'tells a reader that what it has seen is lost, with %d new events since',
  async (since) => {
    const store = new PostgresStore({
      url: server.url,
      migrate: true,
      logger: new Lines(),
      commandTimeoutMs: 200,
    });
    await store.open();
    const adapter = new StoreSessionAdapter(store);
    await adapter.create('session', { protocolVersion: '2025-11-25' });
    await adapter.open('session', 600_000);
    const start = String(await adapter.appendEvent('session', 'stream', 'start'));
    for (const message of [1, 2, 3]) await adapter.appendEvent('session', 'stream', message);
    const goBack = await copyFiles();
    await until(() => works(store), 'Postgres');

    const lost: string[] = [];
    for (const message of ['lost 1', 'lost 2']) {
      lost.push(String(await adapter.appendEvent('session', 'stream', message)));
    }
    const stopped = new AbortController();
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const { message } of adapter.subscribe('session', start, stopped.signal)) seen.push(message);
    })().catch((error: unknown) => error);
    await until(() => seen.length === 5, 'all events');

    await goBack();
    await until(() => works(store), 'Postgres');
    // Numbers are given again, as many as were lost and more.
    for (let n = 0; n < since; n++) await adapter.appendEvent('session', 'stream', `new ${n}`);
    expect(await reading).toMatchObject({ code: 'MCP_EVENTS_LOST' });
    for (const id of lost) expect(await adapter.replay('session', id, () => {})).toBe(false);
    const replayed: unknown[] = [];
    expect(await adapter.replay('session', start, (_, message) => void replayed.push(message))).toBe(true);
    expect(replayed.slice(0, 3)).toEqual([1, 2, 3]);
    expect(replayed).toHaveLength(3 + since);
    stopped.abort();
    await store.close();
  },
  60_000,
);

it('is durable but for events of sessions, and those only where that is wanted', async () => {
  const session = { scope: 'of-a-session', name: 'session', hasLog: true };
  for (const durable of [undefined, true, false]) {
    const instances = new Instances();
    const store = await instances.open({ url: server.url, ...(durable !== undefined && { durable }) });
    await server.query(`create function "${instances.schema}".note() returns trigger language plpgsql as
      $$ begin new.previous := current_setting('synchronous_commit'); return new; end $$`);
    await server.query(`create trigger note before insert on "${instances.schema}".mcp_entry
      for each row execute function "${instances.schema}".note()`);
    for (const key of [session, LOGGED]) {
      await begin(store, key);
      await append(store, 'x', key);
      const slice = await store.entries(key, 'tag', undefined, 1);
      const isFast = durable === false && key === session;
      expect(slice?.entries[0]?.previous).toBe(isFast ? 'off' : 'on');
    }
    await instances.close();
  }
}, 60_000);

function works(store: PostgresStore): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  );
}
