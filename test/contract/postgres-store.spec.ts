import { afterAll, beforeAll, it } from '@jest/globals';
import { startPgBouncer, startPostgres, type PgBouncer, type PostgresServer } from '../support/postgres.js';
import { until } from '../postgres/support.js';
import { emptyPostgresStore } from './postgres-store.js';
import { storeContract } from '../../lib/testing/index.js';
import { instances, keeps } from './support.js';
import { adaptersKeepContracts, storeKeepsContract } from './store.js';

let postgres: PostgresServer;
let bouncer: PgBouncer;

beforeAll(async () => {
  postgres = await startPostgres();
  bouncer = await startPgBouncer(postgres);
}, 60_000);

afterAll(() => postgres.dispose());

// Few connections: a pool has a timer for each that is idle, and a case counts timers.
const emptyStore = emptyPostgresStore(() => ({ config: { connectionString: postgres.url, max: 4 } }));
storeKeepsContract('PostgresStore', emptyStore);
adaptersKeepContracts('PostgresStore', emptyStore);

// Without notifications: records are looked at again and again.
const behindBouncer = emptyPostgresStore(() => ({ config: { connectionString: bouncer.url, max: 4 } }));
keeps(
  'PostgresStore behind a pooler of transactions',
  // Bells by looking bring no entries.
  storeContract.filter(({ name }) => name !== 'has in the log what it rings for'),
  async () => instances(await behindBouncer()),
);
adaptersKeepContracts('PostgresStore behind a pooler of transactions', behindBouncer);

it('leaves no connection', async () => {
  await bouncer.dispose();
  await until(async () => {
    const [row] = await postgres.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return row?.others === 0;
  }, 'the end of all connections');
});
