import { postgresFunctions } from './postgres-functions.js';
import { PostgresNames, type PostgresTablesOptions } from './postgres-names.js';

/** Of the tables and functions below. One that is newer in the database serves an older library, too. */
export const SCHEMA_VERSION = 2;

/**
 * The SQL that creates or updates tables and functions: one transaction, which does no harm when it is run again or by
 * several at once. For migrations that a team runs itself:
 *
 * ```sh
 * node -p "require('nestjs-mcp-adapters/postgres').postgresSql()" | psql -v ON_ERROR_STOP=1 "$DATABASE_URL"
 * ```
 *
 * @throws McpConfigurationError if a name has other characters than letters, digits and `_`.
 * @publicApi
 */
export function postgresSql(options: PostgresTablesOptions = {}): string {
  const names = new PostgresNames(options);
  const [record, entry, version] = [names.of('record'), names.of('entry'), names.of('version')];
  return `begin;
select pg_advisory_xact_lock(hashtext('${names.channel}'));
do $$ begin
  if to_regnamespace('"${names.schema}"') is null then create schema "${names.schema}"; end if;
end $$;

create table if not exists ${version} (version integer not null);

-- Records. "log" names the entries of one life of a record; "tails" counts those without body.
create table if not exists ${record} (
  scope text collate "C" not null,
  name text collate "C" not null,
  version text not null,
  fields jsonb not null,
  ttl_ms bigint not null,
  expires_at timestamptz not null,
  log bigint generated always as identity,
  number bigint not null default 0,
  entries bigint not null default 0,
  bytes bigint not null default 0,
  tails bigint not null default 0,
  primary key (scope, name)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
create index if not exists "${names.prefix}record_expires_at" on ${record} (expires_at);

-- Entries of logs. The newest one of a tag stays without body when it is dropped.
create table if not exists ${entry} (
  log bigint not null,
  tag text collate "C" not null,
  number bigint not null,
  id text not null,
  previous text,
  body text,
  primary key (log, tag, number)
) with (autovacuum_vacuum_scale_factor = 0.05);

${postgresFunctions(names)}

delete from ${version} where version < ${SCHEMA_VERSION};
insert into ${version} select ${SCHEMA_VERSION} where not exists (select from ${version});
commit;
`;
}
