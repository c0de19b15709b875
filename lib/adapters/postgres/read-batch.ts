import type { StoredRecord, StoreFields, StoreKey } from '../store.js';
import type { Row, Statement } from './postgres-connection.js';
import type { PostgresNames } from './postgres-names.js';

/** Records that one statement reads at most. */
const MAX_READ = 256;

interface Waiting {
  readonly key: StoreKey;
  readonly only: readonly string[] | undefined;
  readonly resolve: (record: StoredRecord | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads records, all that are asked for in one turn of the event loop by one statement: a statement costs this process and the
 * server far more than a record.
 */
export class ReadBatch {
  #waiting: Waiting[] = [];

  constructor(
    private readonly run: (statement: Statement) => Promise<readonly Row[]>,
    private readonly names: PostgresNames,
  ) {}

  read(key: StoreKey, only: readonly string[] | undefined): Promise<StoredRecord | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ key, only, resolve, reject }) === 1) setImmediate(() => this.#send());
    });
  }

  #send(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let n = 0; n < all.length; n += MAX_READ) void this.#readAll(all.slice(n, n + MAX_READ));
  }

  async #readAll(batch: readonly Waiting[]): Promise<void> {
    const columns = [
      batch.map(({ key }) => key.scope),
      batch.map(({ key }) => key.name),
      batch.map(({ only }) => only && JSON.stringify(only)),
    ];
    try {
      const rows = await this.run(() => [
        `select k.n::text, r.* from unnest($1::text[], $2::text[], $3::text[]) with ordinality k(scope, name, fields, n),
         ${this.names.of('read')}(k.scope, k.name,
           case when k.fields is not null then array(select jsonb_array_elements_text(k.fields::jsonb)) end, null, false) r`,
        columns,
      ]);
      for (const row of rows) batch[Number(row['n']) - 1]?.resolve(toRecord(row));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** Reads what the function `read` gives. */
export function toRecord({ version, remaining, fields }: Row): StoredRecord | undefined {
  if (typeof version !== 'string') return undefined;
  return { version, remainingMs: Number(remaining), fields: JSON.parse(fields ?? '{}') as StoreFields };
}
