import type { Store } from '../adapters/store.js';
import type { ContractCase } from './contract.js';
import { bellCases } from './store/bell.cases.js';
import { lifetimeCases } from './store/lifetime.cases.js';
import { limitCases } from './store/limit.cases.js';
import { logCases } from './store/log.cases.js';
import { recordCases } from './store/record.cases.js';

/**
 * Contract tests of a `Store`. For jest, vitest, node:test or any other runner, one case after the other:
 *
 * ```ts
 * describe('MyStore', () => {
 *   const open = () => {
 *     const database = openEmptyDatabase();
 *     return { adapter: new MyStore(database), another: async () => new MyStore(database), dispose: () => database.remove() };
 *   };
 *   for (const { name, run } of storeContract) it(name, () => run(open), 10_000);
 * });
 * ```
 *
 * A store that keeps this contract carries `StoreSessionAdapter`, `StoreClientRequestAdapter` and `StoreNotificationBus`;
 * run their contracts on it too.
 *
 * @publicApi
 */
export const storeContract: readonly ContractCase<Store>[] = [
  ...recordCases,
  ...lifetimeCases,
  ...logCases,
  ...limitCases,
  ...bellCases,
];
