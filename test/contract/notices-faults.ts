import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ContractCase } from '../../lib/testing/index.js';
import type { Faults } from './broken-adapters.js';
import { instances } from './support.js';

/** Runs the cases that have to notice something against what is broken. */
export function noticesFaults<Store, A extends object, Broken extends A & { close(): Promise<void> }>(
  name: string,
  contract: readonly ContractCase<A>[],
  faults: Faults<Store, Broken>,
  emptyStore: () => Store,
): void {
  const run = async (Adapter: new (store: Store) => Broken, title: string): Promise<string> => {
    const each = contract.find((candidate) => candidate.name === title);
    if (!each) return `There is no case "${title}"`;
    const store = emptyStore();
    return each
      .run(() => instances<Broken>(() => new Adapter(store)))
      .then(
        () => `"${title}" passes`,
        (error: { code?: unknown }) => String(error.code),
      );
  };

  describe(`${name} notices an adapter that`, () => {
    // Most of them wait for something that does not happen, so they wait together. Those that count what is left
    // running in the process are alone.
    const together = new Map<string, Promise<string>>();
    const key = (fault: string, title: string) => `${fault}: ${title}`;
    const entries = Object.entries(faults).flatMap(([fault, { adapter, caughtBy }]) =>
      caughtBy.map((title) => ({ fault, adapter, title })),
    );

    beforeAll(async () => {
      for (const { fault, adapter, title } of entries) {
        if (!title.startsWith('leaves nothing running')) together.set(key(fault, title), run(adapter, title));
      }
      await Promise.all(together.values());
    });

    it.each(entries)('$fault, by: $title', async ({ fault, adapter, title }) => {
      expect(await (together.get(key(fault, title)) ?? run(adapter, title))).toBe('ERR_ASSERTION');
    });
  });
}
