import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startPostgres, type PostgresServer } from '../support/postgres.js';
import { emptyPostgresStore } from './postgres-store.js';
import { adaptersKeepContracts, storeKeepsContract } from './store.js';

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);

afterAll(() => postgres.dispose());

const emptyStore = emptyPostgresStore(() => ({ url: postgres.url }));
storeKeepsContract('PostgresStore', emptyStore);
adaptersKeepContracts('PostgresStore', emptyStore);

it('leaves no connection', async () => {
  const connections = await postgres.query(
    `select query from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  expect(connections).toEqual([]);
});
