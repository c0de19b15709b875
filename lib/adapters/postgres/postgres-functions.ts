import type { PostgresNames } from './postgres-names.js';

/** The functions that work on the tables: connections keep their plans, and every call is one round trip. */
export function postgresFunctions(names: PostgresNames): string {
  const [record, entry] = [names.of('record'), names.of('entry')];
  const define = (name: string, parameters: string, body: string) =>
    // A plan that was made for an empty table would scan a large one.
    `create or replace function ${names.of(name)}(${parameters})
language plpgsql set enable_seqscan = off as $$
${body.trim()}
$$;`;
  return `-- The time of the server in milliseconds, which is called last by what changes something: who sent a statement has
-- given it up at this time, may have told somebody so, and what it did is undone.
${define(
  'in_time',
  '_until double precision, out clock double precision',
  `
begin
  clock := extract(epoch from clock_timestamp()) * 1000;
  if clock > _until then raise query_canceled using message = 'the statement comes later than it was given up'; end if;
end`,
)}

-- Gives no version if there is no record, and lets it live for as long as is said, if it is.
${define(
  'read',
  `_scope text, _name text, _only text[], _ttl_ms bigint, _exact boolean,
  out version text, out remaining text, out fields text`,
  `
declare
  _now timestamptz := clock_timestamp();
  _found record;
begin
  select r.version, r.ttl_ms, r.expires_at, r.fields into _found
    from ${record} r where r.scope = _scope and r.name = _name and r.expires_at > _now;
  if not found then return; end if;
  if _exact or _found.ttl_ms <> _ttl_ms or _found.expires_at < _now + _ttl_ms * interval '0.9 milliseconds' then
    update ${record} r set ttl_ms = _ttl_ms, expires_at = _now + _ttl_ms * interval '1 millisecond'
      where r.scope = _scope and r.name = _name and r.expires_at > _now
      returning r.version, r.ttl_ms, r.expires_at, r.fields into _found;
    if not found then return; end if;
  end if;
  version := _found.version;
  remaining := extract(epoch from _found.expires_at - clock_timestamp()) * 1000;
  if _only is null then
    fields := _found.fields;
  elsif _only <> '{}' then
    fields := (select jsonb_object_agg(n, _found.fields -> n) from unnest(_only) n where _found.fields ? n);
  end if;
end`,
)}

-- The tail and entries after a number; one row without a place if there are none, and no row without a record.
${define(
  'entries',
  `_scope text, _name text, _tag text, _after bigint, _limit bigint)
  returns table (tail text, place text, previous text, body text`,
  `
begin
  return query select t.number || '.' || t.id, e.number || '.' || e.id, e.previous, e.body
    from ${record} r
    left join lateral (
      select l.number, l.id from ${entry} l where l.log = r.log and l.tag = _tag order by l.number desc limit 1
    ) t on true
    left join lateral (
      select l.number, l.id, l.previous, l.body from ${entry} l
      where l.log = r.log and l.tag = _tag and l.number > _after and l.body is not null order by l.number limit _limit
    ) e on t.number > _after
    where r.scope = _scope and r.name = _name and r.expires_at > clock_timestamp()
    order by e.number;
end`,
)}

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
  'assign',
  '_scope text, _name text, _version text, _set jsonb, _removed text[], out assigned text',
  `
begin
  update ${record} r set version = _version, fields = (r.fields || _set) - _removed
    where r.scope = _scope and r.name = _name and r.expires_at > clock_timestamp()
    returning r.version into assigned;
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
)}`;
}
