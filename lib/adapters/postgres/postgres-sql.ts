import { createHash } from 'node:crypto';
import { McpConfigurationError } from '../../protocol/configuration.error.js';

/** Of the tables and functions below. One that is newer in the database serves an older library, too. */
export const SCHEMA_VERSION = 1;

/**
 * Where the tables are.
 *
 * @publicApi
 */
export interface PostgresTablesOptions {
  /** Schema of the tables. @default 'public' */
  readonly schema?: string;
  /** Begins the names of tables and functions. @default 'mcp_' */
  readonly tablePrefix?: string;
}

/** The names of tables, functions and the channel, quoted where they are part of a statement. */
export class PostgresNames {
  readonly schema: string;
  readonly prefix: string;

  constructor({ schema = 'public', tablePrefix = 'mcp_' }: PostgresTablesOptions) {
    this.schema = checked('schema', schema);
    this.prefix = checked('tablePrefix', tablePrefix);
  }

  get channel(): string {
    const place = createHash('sha256').update(`${this.schema}.${this.prefix}`).digest('hex');
    return `mcp_${place.slice(0, 16)}`;
  }

  of(name: string): string {
    return `"${this.schema}"."${this.prefix}${name}"`;
  }
}

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
  const define = (name: string, parameters: string, body: string) =>
    // Connections keep plans: one that was made for an empty table would scan a large one.
    `create or replace function ${names.of(name)}(${parameters})
language plpgsql set enable_seqscan = off as $$
${body.trim()}
$$;`;
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

-- Gives 'new', 'changed' or 'replaced'; null if the condition forbids it: '' for no record, else the version it has.
${define(
  'write',
  '_scope text, _name text, _version text, _fields jsonb, _ttl_ms bigint, _if text, out outcome text',
  `
declare
  _old record;
  _until timestamptz;
begin
  loop
    select r.version, r.log, r.expires_at > clock_timestamp() as is_live into _old
      from ${record} r where r.scope = _scope and r.name = _name for no key update;
    _until := clock_timestamp() + _ttl_ms * interval '1 millisecond';
    if not found then
      if _if <> '' then return; end if;
      insert into ${record} (scope, name, version, fields, ttl_ms, expires_at)
        values (_scope, _name, _version, _fields, _ttl_ms, _until) on conflict do nothing;
      continue when not found;
      outcome := 'new';
    elsif _old.is_live and _old.version = _version then
      outcome := 'new';
    elsif _if <> '' then
      if not _old.is_live or _old.version <> _if then return; end if;
      update ${record} r set version = _version, fields = _fields, ttl_ms = _ttl_ms, expires_at = _until
        where r.scope = _scope and r.name = _name;
      outcome := 'changed';
    elsif _old.is_live and _if = '' then
      return;
    else
      update ${record} r set version = _version, fields = _fields, ttl_ms = _ttl_ms, expires_at = _until,
        log = default, number = 0, entries = 0, bytes = 0, tails = 0
        where r.scope = _scope and r.name = _name;
      delete from ${entry} e where e.log = _old.log;
      outcome := case when _old.is_live then 'replaced' else 'new' end;
    end if;
    return;
  end loop;
end`,
)}

${define(
  'remove',
  '_scope text, _name text, _if text, out removed text',
  `
declare
  _log bigint;
begin
  delete from ${record} r
    where r.scope = _scope and r.name = _name and r.expires_at > clock_timestamp() and (_if is null or r.version = _if)
    returning r.log, r.fields::text into _log, removed;
  delete from ${entry} e where e.log = _log;
end`,
)}

-- Every statement sees what was committed before the row of the record was locked by the first one.
${define(
  'append',
  `_scope text, _name text, _tag text, _body text, _id text, _is_repeat boolean, _consume_scope text, _consume_name text,
  _renew boolean, _max_entries bigint, _max_bytes bigint, _refuse boolean, _is_durable boolean,
  out place text, out previous text, out refusal text`,
  `
declare
  _record record;
  _last record;
  _size bigint := octet_length(_body);
  _dropped record;
begin
  if not _is_durable then perform set_config('synchronous_commit', 'off', true); end if;
  select r.log, r.number + 1 as number, r.entries, r.bytes, r.tails, r.ttl_ms, r.expires_at into _record
    from ${record} r where r.scope = _scope and r.name = _name and r.expires_at > clock_timestamp()
    for no key update;
  if not found then refusal := 'gone'; return; end if;

  select e.number, e.id, e.previous, e.body is null as is_empty into _last
    from ${entry} e where e.log = _record.log and e.tag = _tag order by e.number desc limit 1;
  if found and _is_repeat and _last.id <> _id then
    select e.number, e.id, e.previous into _dropped
      from ${entry} e where e.log = _record.log and e.tag = _tag and e.id = _id;
    if found then place := _dropped.number || '.' || _id; previous := _dropped.previous; return; end if;
  elsif _last.id = _id then
    place := _last.number || '.' || _id; previous := _last.previous; return;
  end if;

  if _consume_name is not null then
    perform 1 from ${record} r
      where r.scope = _consume_scope and r.name = _consume_name and r.expires_at > clock_timestamp() for update;
    if not found then refusal := 'gone'; return; end if;
  end if;
  if _refuse and _record.entries > 0
    and (_record.entries >= _max_entries or _record.bytes + _size > _max_bytes) then
    refusal := 'full'; return;
  end if;
  if _consume_name is not null then
    delete from ${record} r where r.scope = _consume_scope and r.name = _consume_name;
  end if;

  if _last.is_empty then
    delete from ${entry} e where e.log = _record.log and e.tag = _tag and e.number = _last.number;
    _record.tails := _record.tails - 1;
  end if;
  previous := _last.number || '.' || _last.id;
  place := _record.number || '.' || _id;
  insert into ${entry} (log, tag, number, id, previous, body)
    values (_record.log, _tag, _record.number, _id, previous, _body);
  _record.entries := _record.entries + 1;
  _record.bytes := _record.bytes + _size;

  if not _refuse and (_record.entries > _max_entries or _record.bytes > _max_bytes) then
    -- Room for an eighth more: first from tags with more than a quarter, then all but the newest of a tag, then those.
    with kept as (
      select e.tag, e.number, octet_length(e.body) as size, row_number() over newer as rank,
        sum(octet_length(e.body)) over newer as newer_bytes
      from ${entry} e where e.log = _record.log and e.body is not null
      window newer as (partition by e.tag order by e.number desc)
    ), classed as (
      select k.*, case when k.rank = 1 then 3
        when k.rank > _max_entries / 4.0 or k.newer_bytes > _max_bytes / 4.0 then 1 else 2 end as class
      from kept k where k.number <> _record.number
    ), queued as (
      select c.*, row_number() over queue - 1 as before, sum(c.size) over queue - c.size as bytes_before
      from classed c window queue as (order by c.class, c.number)
    ), victims as (
      select q.* from queued q
      where _record.entries - q.before > _max_entries * 7 / 8.0 or _record.bytes - q.bytes_before > _max_bytes * 7 / 8.0
    ), deleted as (
      delete from ${entry} e using victims v
      where e.log = _record.log and e.tag = v.tag and e.number = v.number and v.rank > 1
    ), emptied as (
      update ${entry} e set body = null from victims v
      where e.log = _record.log and e.tag = v.tag and e.number = v.number and v.rank = 1
    )
    select count(*) as entries, coalesce(sum(v.size), 0) as bytes, count(*) filter (where v.rank = 1) as tails
      into _dropped from victims v;
    _record.entries := _record.entries - _dropped.entries;
    _record.bytes := _record.bytes - _dropped.bytes;
    _record.tails := _record.tails + _dropped.tails;
  end if;
  if _record.tails > 1024 then
    delete from ${entry} e using (
      select o.tag, o.number from ${entry} o where o.log = _record.log and o.body is null order by o.number limit 256
    ) o where e.log = _record.log and e.tag = o.tag and e.number = o.number;
    _record.tails := _record.tails - 256;
  end if;

  if _renew and _record.expires_at < clock_timestamp() + _record.ttl_ms * interval '0.9 milliseconds' then
    _record.expires_at := clock_timestamp() + _record.ttl_ms * interval '1 millisecond';
  end if;
  update ${record} r set number = _record.number, entries = _record.entries, bytes = _record.bytes,
    tails = _record.tails, expires_at = _record.expires_at
    where r.scope = _scope and r.name = _name;
end`,
)}

${define(
  'trim',
  '_scope text, _name text, _tag text, _up_to bigint, out trimmed bigint',
  `
declare
  _log bigint;
  _tail bigint;
  _bytes bigint;
  _tails bigint;
begin
  select r.log into _log from ${record} r
    where r.scope = _scope and r.name = _name and r.expires_at > clock_timestamp() for no key update;
  if not found then return; end if;
  select max(e.number) into _tail from ${entry} e where e.log = _log and e.tag = _tag;
  select count(e.body), coalesce(sum(octet_length(e.body)), 0), count(e.body) filter (where e.number = _tail)
    into trimmed, _bytes, _tails from ${entry} e where e.log = _log and e.tag = _tag and e.number <= _up_to;
  if trimmed = 0 then return; end if;
  delete from ${entry} e where e.log = _log and e.tag = _tag and e.number <= _up_to and e.number <> _tail;
  update ${entry} e set body = null where e.log = _log and e.tag = _tag and e.number = _tail and _tail <= _up_to;
  update ${record} r set entries = r.entries - trimmed, bytes = r.bytes - _bytes, tails = r.tails + _tails
    where r.scope = _scope and r.name = _name;
end`,
)}

-- Removes some records whose time is over, and that no other sweep has taken.
${define(
  'sweep',
  '_limit bigint, out swept bigint',
  `
declare
  _old record;
begin
  swept := 0;
  for _old in select r.scope, r.name, r.log from ${record} r where r.expires_at <= clock_timestamp()
    order by r.expires_at limit _limit for update skip locked
  loop
    delete from ${record} r where r.scope = _old.scope and r.name = _old.name;
    delete from ${entry} e where e.log = _old.log;
    swept := swept + 1;
  end loop;
end`,
)}

delete from ${version} where version < ${SCHEMA_VERSION};
insert into ${version} select ${SCHEMA_VERSION} where not exists (select from ${version});
commit;
`;
}

function checked(option: string, name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(name)) return name;
  throw new McpConfigurationError(
    `PostgresStore: ${option} is to be at most 40 letters, digits and _, not ${JSON.stringify(name)}`,
  );
}
