import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startPgBouncer, startPostgres, type PgBouncer, type PostgresServer } from '../support/postgres.js';
import { until } from '../support/until.js';
import { emptyPostgresStore } from './postgres-store.js';
import type { ClientRequestAdapter } from '../../lib/adapters/client-request.adapter.js';
import type { NotificationBus } from '../../lib/adapters/notification-bus.js';
import type { SessionAdapter } from '../../lib/adapters/session.adapter.js';
import type { Store } from '../../lib/adapters/store.js';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import {
  clientRequestAdapterContract,
  notificationBusContract,
  sessionAdapterContract,
  storeContract,
  type ContractCase,
} from '../../lib/testing/index.js';
import { instances, keeps } from './support.js';
import { adaptersKeepContracts, storeKeepsContract, tasksKeepContract } from './store.js';

let postgres: PostgresServer;
let bouncer: PgBouncer;

beforeAll(async () => {
  postgres = await startPostgres();
  bouncer = await startPgBouncer(postgres);
}, 60_000);

afterAll(() => postgres.dispose());

describe('with a pool', () => {
  const emptyStore = emptyPostgresStore(() => postgres.url);
  storeKeepsContract('PostgresStore', emptyStore);
  adaptersKeepContracts('PostgresStore', emptyStore);
  tasksKeepContract('PostgresStore', emptyStore);
});

// Without notifications records are looked at again and again: bells bring no entries, and many in a row take time.
const NEEDS_NOTIFICATIONS =
  /^(has in the log what it rings for|gives what was appended while the log is still)/;
describe('PostgresStore behind a pooler of transactions', () => {
  const behindBouncer = emptyPostgresStore(() => bouncer.url);
  const behind = <A extends { close(): Promise<void> }>(
    name: string,
    contract: readonly ContractCase<A>[],
    make: (store: Store) => A,
  ) => {
    const cases = contract.filter((each) => !NEEDS_NOTIFICATIONS.test(each.name));
    keeps(name, cases, async () => {
      const open = await behindBouncer();
      const stores: Store[] = [];
      const openOne = () => {
        const store = open();
        stores.push(store);
        return make(store);
      };
      return instances(openOne, async () => {
        for (const store of stores) await store.close();
      });
    });
  };
  // Most of the time of these goes by between two looks: they are left to the run of everything.
  if (process.env['TEST_SCOPE'] === 'all') {
    behind('storeContract', storeContract, (store) => store);
    behind<SessionAdapter>('sessions', sessionAdapterContract, (store) => new StoreSessionAdapter(store));
  }
  behind<ClientRequestAdapter>(
    'questions',
    clientRequestAdapterContract,
    (store) => new StoreClientRequestAdapter(store),
  );
  behind<NotificationBus>('bus', notificationBusContract, (store) => new StoreNotificationBus(store));
});

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
