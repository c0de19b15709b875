import type { StoredRecord, StoreFields, StoreWriteOptions } from '../store.js';
import type { RedisCommand } from './redis-connections.js';
import { readPlain, removePlain, writePlain } from './scripts/plain-record.scripts.js';

/** Records without log, each a string. */
export class PlainRecords {
  constructor(private readonly run: <T>(command: RedisCommand<T>) => Promise<T>) {}

  /** Reads one and lets it live for `ttlMs`, unless that is 0. */
  async read(
    key: string,
    only: readonly string[] | undefined,
    ttlMs: number,
    exact: boolean,
  ): Promise<StoredRecord | undefined> {
    const found = await this.run((client, until) =>
      readPlain.run(client, until, [key], [ttlMs, exact ? 1 : 0]),
    );
    if (!found) return undefined;
    const { version, fields } = parse(found[0]);
    const chosen = Object.entries(fields).filter(([name]) => only?.includes(name) ?? true);
    return { version, fields: Object.fromEntries(chosen), remainingMs: found[1] };
  }

  async write(
    key: string,
    version: string,
    fields: StoreFields,
    { ttlMs, ifVersion }: StoreWriteOptions,
  ): Promise<boolean> {
    return this.#write(key, `${version} ${JSON.stringify(fields)}`, ttlMs, conditionOf(ifVersion));
  }

  /** In two steps, which are repeated if another change comes between them: this is rare. */
  async assign(
    key: string,
    version: string,
    patch: Readonly<Record<string, string | null>>,
  ): Promise<boolean> {
    for (;;) {
      const old = await this.read(key, undefined, 0, false);
      if (!old) return false;
      const fields = new Map<string, string | null>(Object.entries(old.fields));
      for (const [name, value] of Object.entries(patch)) fields.set(name, value);
      const kept = Object.fromEntries([...fields].filter(([, value]) => value !== null));
      if (await this.#write(key, `${version} ${JSON.stringify(kept)}`, 0, conditionOf(old.version)))
        return true;
    }
  }

  async remove(key: string, version: string | undefined): Promise<StoreFields | undefined> {
    const removed = await this.run((client, until) => removePlain.run(client, until, [key], [version ?? '']));
    return removed === null ? undefined : parse(removed).fields;
  }

  async #write(key: string, stored: string, ttlMs: number, condition: string): Promise<boolean> {
    const written = await this.run((client, until) =>
      writePlain.run(client, until, [key], [stored, ttlMs, condition]),
    );
    return written === 1;
  }
}

/** As the scripts that write take it. */
export function conditionOf(ifVersion: string | null | undefined): string {
  if (ifVersion === undefined) return '*';
  return ifVersion === null ? '-' : `=${ifVersion}`;
}

function parse(stored: string): { readonly version: string; readonly fields: StoreFields } {
  const separator = stored.indexOf(' ');
  const fields = JSON.parse(stored.slice(separator + 1)) as StoreFields;
  return { version: stored.slice(0, separator), fields };
}
