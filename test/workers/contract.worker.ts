import { AsyncLocalStorage } from 'node:async_hooks';
import {
  durableObjectStore,
  McpStoreObject,
  type StoreObjectNamespace,
} from '../../lib/adapters/cloudflare/index.js';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { StoreTaskAdapter } from '../../lib/adapters/store/store-task.adapter.js';
import type { Store } from '../../lib/adapters/store.js';
import { clientRequestAdapterContract } from '../../lib/testing/client-request-adapter.contract.js';
import type { ContractCase } from '../../lib/testing/contract.js';
import { notificationBusContract } from '../../lib/testing/notification-bus.contract.js';
import { sessionAdapterContract } from '../../lib/testing/session-adapter.contract.js';
import { storeContract } from '../../lib/testing/store.contract.js';
import { taskContract } from '../../lib/testing/task.contract.js';

export { McpStoreObject };

interface Environment {
  readonly STORE: StoreObjectNamespace;
}

const environment = new AsyncLocalStorage<Environment>();

/** Runs a case on stores of its own, each of which stands for an instance. */
function on<A extends { close(): Promise<void> }>(
  cases: readonly ContractCase<A>[],
  make: (store: Store) => A,
): { name: string; run: () => Promise<void> }[] {
  return cases.map(({ name, run }) => ({
    name,
    run: () =>
      run(() => {
        const prefix = crypto.randomUUID();
        const opened: { close(): Promise<void> }[] = [];
        const open = () => {
          const store = durableObjectStore({
            binding: () => (environment.getStore() as Environment).STORE,
            prefix,
          });
          const adapter = make(store);
          opened.push(adapter, store);
          return adapter;
        };
        return {
          adapter: open(),
          another: async () => open(),
          dispose: async () => {
            for (const each of opened) await each.close();
          },
        };
      }),
  }));
}

const suites: Readonly<Record<string, { name: string; run: () => Promise<void> }[]>> = {
  Store: on<Store>(storeContract, (store) => store),
  StoreSessionAdapter: on(sessionAdapterContract as never, (store) => new StoreSessionAdapter(store)),
  StoreClientRequestAdapter: on(
    clientRequestAdapterContract as never,
    (store) => new StoreClientRequestAdapter(store),
  ),
  StoreNotificationBus: on(notificationBusContract as never, (store) => new StoreNotificationBus(store)),
  StoreTaskAdapter: on(taskContract as never, (store) => new StoreTaskAdapter(store)),
};

/** `GET /` lists the cases, `GET /?suite=…&case=…` runs one of them. */
export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const suite = searchParams.get('suite');
    if (suite === null) {
      const names = Object.entries(suites).map(([name, cases]) => [name, cases.map((each) => each.name)]);
      return Response.json(Object.fromEntries(names));
    }
    try {
      await environment.run(env, async () => suites[suite]?.[Number(searchParams.get('case'))]?.run());
      return new Response('kept');
    } catch (error) {
      return new Response((error as Error).stack ?? String(error), { status: 500 });
    }
  },
};
