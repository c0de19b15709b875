import type { SessionAdapter } from '../adapters/session.adapter.js';
import { asSessionAdapter, type PlainSessionAdapter } from '../adapters/plain-session-adapter.js';
import { completing, type ContractCase } from './contract.js';
import { appendCases } from './session-adapter/append.cases.js';
import { factsCases } from './session-adapter/facts.cases.js';
import { lifetimeCases } from './session-adapter/lifetime.cases.js';
import { replayCases } from './session-adapter/replay.cases.js';
import { stateCases } from './session-adapter/state.cases.js';
import { subscribeCases } from './session-adapter/subscribe.cases.js';

/**
 * Contract tests of a `SessionAdapter`, whether it implements the seven methods or overrides them all. A plain class with the
 * seven methods and no base class is completed as the module does. For jest, vitest,
 * node:test or any other runner, one case after the other:
 *
 * ```ts
 * describe('MySessionAdapter', () => {
 *   const open = () => {
 *     const store = openEmptyStore();
 *     const dispose = () => store.remove();
 *     return { adapter: new MySessionAdapter(store), another: async () => new MySessionAdapter(store), dispose };
 *   };
 *   for (const { name, run } of sessionAdapterContract) it(name, () => run(open), 10_000);
 * });
 * ```
 *
 * A case takes a fraction of a second; one that waits for something that never happens fails after eight seconds.
 *
 * @publicApi
 */
export const sessionAdapterContract: readonly ContractCase<SessionAdapter | PlainSessionAdapter>[] =
  completing(
    [...factsCases, ...appendCases, ...replayCases, ...lifetimeCases, ...stateCases, ...subscribeCases],
    asSessionAdapter,
  );
