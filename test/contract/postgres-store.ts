import { PostgresStore } from '../../lib/adapters/postgres/postgres-store.js';
import type { PostgresStoreOptions } from '../../lib/adapters/postgres/postgres-store-options.interface.js';
import type { Store } from '../../lib/adapters/store.js';

/** Says nothing. */
export const quiet = { log: () => {}, warn: () => {} };

let count = 0;

/** Makes stores in a schema of their own, which has just been created. */
export function emptyPostgresStore(
  options: () => Pick<PostgresStoreOptions, 'url' | 'pool' | 'config' | 'listen' | 'durable' | 'logger'>,
): () => Promise<() => Store> {
  return async () => {
    const all = { logger: quiet, ...options(), schema: `case_${++count}` };
    const first = new PostgresStore(all);
    await first.migrate();
    await first.close();
    return () => new PostgresStore(all);
  };
}
