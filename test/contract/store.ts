import { describe } from '@jest/globals';
import type { ClientRequestAdapter } from '../../lib/adapters/client-request.adapter.js';
import type { NotificationBus } from '../../lib/adapters/notification-bus.js';
import type { SessionAdapter } from '../../lib/adapters/session.adapter.js';
import type { Store } from '../../lib/adapters/store.js';
import type { TaskAdapter } from '../../lib/adapters/task.adapter.js';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreTaskAdapter } from '../../lib/adapters/store/store-task.adapter.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import {
  clientRequestAdapterContract,
  notificationBusContract,
  sessionAdapterContract,
  storeContract,
  taskContract,
} from '../../lib/testing/index.js';
import { instances, keeps } from './support.js';

/** Makes an empty store, and gives what opens it for one more instance. */
type EmptyStore = () => (() => Store) | Promise<() => Store>;

/** Runs the contract of stores on a kind of store. */
export function storeKeepsContract(name: string, emptyStore: EmptyStore): void {
  keeps(name, storeContract, async () => instances(await emptyStore()));
}

/** Runs the contract of tasks on a kind of store. */
export function tasksKeepContract(name: string, emptyStore: EmptyStore): void {
  keeps(
    `StoreTaskAdapter on ${name}`,
    taskContract,
    adapterOn<TaskAdapter>(emptyStore, (store) => new StoreTaskAdapter(store)),
  );
}

function adapterOn<A extends { close(): Promise<void> }>(emptyStore: EmptyStore, make: (store: Store) => A) {
  return async () => {
    const open = await emptyStore();
    const stores: Store[] = [];
    const openAdapter = () => {
      const store = open();
      stores.push(store);
      return make(store);
    };
    return instances(openAdapter, async () => {
      for (const store of stores) await store.close();
    });
  };
}

/** Runs the contracts of all adapters on a kind of store. */
export function adaptersKeepContracts(name: string, emptyStore: EmptyStore): void {
  const on = <A extends { close(): Promise<void> }>(make: (store: Store) => A) => adapterOn(emptyStore, make);
  describe(`on ${name}`, () => {
    keeps(
      'StoreSessionAdapter',
      sessionAdapterContract,
      on<SessionAdapter>((store) => new StoreSessionAdapter(store)),
    );
    keeps(
      'StoreSessionAdapter that keeps little',
      sessionAdapterContract,
      on<SessionAdapter>(
        (store) => new StoreSessionAdapter(store, { maxEvents: 200, maxEventBytes: 200_000 }),
      ),
    );
    keeps(
      'StoreClientRequestAdapter',
      clientRequestAdapterContract,
      on<ClientRequestAdapter>((store) => new StoreClientRequestAdapter(store)),
    );
    keeps(
      'StoreNotificationBus',
      notificationBusContract,
      on<NotificationBus>((store) => new StoreNotificationBus(store)),
    );
  });
}
