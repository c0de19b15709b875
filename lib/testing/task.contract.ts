import type { TaskAdapter } from '../adapters/task.adapter.js';
import type { ContractCase } from './contract.js';
import { ownerCases } from './task/owner.cases.js';
import { recordCases } from './task/record.cases.js';

/**
 * Contract tests of a `TaskAdapter`. For jest, vitest, node:test or any other runner, one case after the other:
 *
 * ```ts
 * describe('MyTaskAdapter', () => {
 *   const open = () => {
 *     const database = openEmptyDatabase();
 *     return {
 *       adapter: new MyTaskAdapter(database),
 *       another: async () => new MyTaskAdapter(database),
 *       dispose: () => database.remove(),
 *     };
 *   };
 *   for (const { name, run } of taskContract) it(name, () => run(open), 10_000);
 * });
 * ```
 *
 * @publicApi
 */
export const taskContract: readonly ContractCase<TaskAdapter>[] = [...recordCases, ...ownerCases];
