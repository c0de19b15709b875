import { afterAll } from '@jest/globals';
import pg from 'pg';
import { PostgresStore } from '../../lib/adapters/postgres/postgres-store.js';
import type { Store } from '../../lib/adapters/store.js';

/** Logger without output. */
export const quiet = { log: () => {}, warn: () => {} };

let count = 0;

/**
 * Makes stores on one pool, whose connections know their plans, in one schema, which is emptied each time. The pool ends
 * after the tests of the block. (Pools of the store's own are what `test/postgres` has.)
 */
export function emptyPostgresStore(url: () => string): () => Promise<() => Store> {
  const schema = `case_${++count}`;
  let pool: pg.Pool | undefined;
  afterAll(() => pool?.end());
  return async () => {
    const isFirst = pool === undefined;
    // Without a time to be idle: a case counts timers.
    pool ??= new pg.Pool({ connectionString: url(), max: 8, idleTimeoutMillis: 0 });
    // Long, as a machine that is busy may take its time.
    const all = { logger: quiet, pool, schema, commandTimeoutMs: 10_000 };
    if (isFirst) await new PostgresStore(all).migrate();
    else await pool.query(`truncate "${schema}".mcp_record, "${schema}".mcp_entry`);
    return () => new PostgresStore(all);
  };
}
