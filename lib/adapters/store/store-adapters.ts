import type { Store } from '../store.js';
import {
  StoreClientRequestAdapter,
  type StoreClientRequestAdapterOptions,
} from './store-client-request.adapter.js';
import { StoreNotificationBus } from './store-notification-bus.js';
import { StoreTaskAdapter } from './store-task.adapter.js';
import { StoreSessionAdapter, type StoreSessionAdapterOptions } from './store-session.adapter.js';

/**
 * Options of `storeAdapters()`.
 *
 * @publicApi
 */
export interface StoreAdaptersOptions extends StoreSessionAdapterOptions, StoreClientRequestAdapterOptions {
  /** Name of the server: what another one keeps in the same store is unknown to it. @default '' */
  readonly server?: string;
}

/**
 * Every adapter of one server, on one store.
 *
 * @publicApi
 */
export interface StoreAdapters {
  readonly sessionAdapter: StoreSessionAdapter;
  readonly clientRequestAdapter: StoreClientRequestAdapter;
  readonly notificationBus: StoreNotificationBus;
  readonly taskAdapter: StoreTaskAdapter;
}

/**
 * Makes every adapter of one server on a store, which is closed by the caller, after them.
 *
 * @publicApi
 */
export function storeAdapters(store: Store, options: StoreAdaptersOptions = {}): StoreAdapters {
  return {
    sessionAdapter: new StoreSessionAdapter(store, options),
    clientRequestAdapter: new StoreClientRequestAdapter(store, options),
    notificationBus: new StoreNotificationBus(store, options),
    taskAdapter: new StoreTaskAdapter(store, { server: options.server ?? '' }),
  };
}
