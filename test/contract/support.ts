import { describe, it } from '@jest/globals';
import type { ContractCase, ContractSubject } from '../../lib/testing/index.js';

/** Runs every case of a contract against what `create` opens. */
export function keeps<A>(
  name: string,
  contract: readonly ContractCase<A>[],
  create: () => ContractSubject<A> | Promise<ContractSubject<A>>,
): void {
  describe(name, () => {
    for (const { name: title, run } of contract) it(title, () => run(create));
  });
}

/** A subject whose instances are opened by `open`, the first one included. */
export async function instances<A extends { close(): Promise<void> }>(
  open: () => A,
  dispose?: () => Promise<void>,
): Promise<ContractSubject<A>> {
  const opened: A[] = [];
  const another = async () => {
    const adapter = open();
    opened.push(adapter);
    return adapter;
  };
  return {
    adapter: await another(),
    another,
    async dispose() {
      for (const adapter of opened) await adapter.close();
      await dispose?.();
    },
  };
}
