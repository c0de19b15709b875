import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import { answerCases } from './client-request-adapter/answer.cases.js';
import { waitingCases } from './client-request-adapter/waiting.cases.js';
import {
  asClientRequestAdapter,
  type PlainClientRequestAdapter,
} from '../adapters/plain-client-request-adapter.js';
import { completing, type ContractCase } from './contract.js';

/**
 * Contract tests of a `ClientRequestAdapter`, or of a plain class with its three methods, completed as the module does.
 * For jest, vitest, node:test or any other runner, one case after the other:
 *
 * ```ts
 * describe('MyClientRequestAdapter', () => {
 *   const open = () => {
 *     const store = openEmptyStore();
 *     const adapter = new MyClientRequestAdapter(store);
 *     return { adapter, another: async () => new MyClientRequestAdapter(store), dispose: () => store.remove() };
 *   };
 *   for (const { name, run } of clientRequestAdapterContract) it(name, () => run(open), 10_000);
 * });
 * ```
 *
 * A case takes a fraction of a second; one that waits for something that never happens fails after eight seconds.
 *
 * @publicApi
 */
export const clientRequestAdapterContract: readonly ContractCase<
  ClientRequestAdapter | PlainClientRequestAdapter
>[] = completing([...answerCases, ...waitingCases], asClientRequestAdapter);
