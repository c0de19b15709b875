import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { cores } from '../processes.mjs';
import { SERVERS } from '../servers.mjs';
import { goals } from './goals.mjs';
import { format, table } from './table.mjs';

/** Everything measured so far, as Markdown. */
export function report(results, workloads) {
  const measured = workloads.filter(({ name }) => results[name]?.cells);
  const parts = [heading(results)];
  if (measured.length > 0) {
    parts.push(`### Per second\n\n${cellTable(results, measured, 'rate')}`);
    parts.push(`### CPU of the server, µs each\n\n${cellTable(results, measured, 'cpu')}`);
  }
  const { deliver, memory, scaling } = results;
  if (deliver) parts.push(`### Append and deliver, two instances on Redis\n\n${deliverTable(deliver)}`);
  if (memory) parts.push(`### Heap\n\n${memoryTable(memory)}`);
  if (scaling) parts.push(`### With many sessions and tools\n\n${scalingTable(scaling)}`);
  parts.push(`### Goals\n\n${table(['Goal', 'wanted', 'measured', ''], goals(results))}`);
  return parts.join('\n\n');
}

function heading(results) {
  const all = Object.values(results);
  const dates = all.map(({ at }) => at.slice(0, 10)).toSorted();
  const runs = [
    ...new Set(all.filter(({ cells }) => cells).map(({ rounds, seconds }) => `${rounds} × ${seconds} s`)),
  ];
  return [
    [...new Set([dates[0], dates.at(-1)])].join(' to '),
    `commit ${commit()}`,
    `Node ${process.version}`,
    cpus()[0]?.model.trim() ?? 'unknown processor',
    cores === undefined ? 'not pinned' : 'server and load each on a core of their own',
    `rounds: ${runs.join(', ')}`,
    ...versions(),
  ].join(', ');
}

function commit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] });
    const id = String(git('rev-parse', '--short', 'HEAD')).trim();
    return String(git('status', '--porcelain', '--', '../../../lib')).trim() === ''
      ? id
      : `${id} and changes`;
  } catch {
    return 'unknown';
  }
}

/** Of everything that serves. */
function versions() {
  const { dependencies } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../peers/package.json'), 'utf8'),
  );
  const servers =
    /^(?:@nestjs\/(?:core|platform-.*)|mcp-lite|hono|@modelcontextprotocol\/(?:sdk|server)|@rekog\/.*)$/;
  return Object.keys(dependencies)
    .filter((name) => servers.test(name))
    .map((name) => `${name} ${dependencies[name]}`);
}

function cellTable(results, workloads, key) {
  const ids = Object.keys(SERVERS).filter((id) => workloads.some(({ name }) => results[name].cells[id]));
  const rows = workloads.map(({ name, title }) => {
    const { cells } = results[name];
    const digits =
      Math.max(...Object.values(cells).map((cell) => cell[key])) < 1000 && key === 'rate' ? 1 : 0;
    return [title, ...ids.map((id) => format(cells[id]?.[key], digits))];
  });
  return table(['', ...ids.map((id) => SERVERS[id].title)], rows);
}

function deliverTable({ roundTrip, script, append, delivery, ratio }) {
  const row = (title, { median, p99 }, trips) => [title, format(median), format(p99), format(trips, 2)];
  return table(
    ['', 'median µs', 'p99 µs', 'round trips'],
    [
      row('`PING`', roundTrip, 1),
      row('a script that reads one key', script, script.median / roundTrip.median),
      row('append', append, append.median / roundTrip.median),
      row('delivery at the other instance', delivery, ratio),
    ],
  );
}

function memoryTable({ servers }) {
  const kib = (bytes) => format((bytes ?? NaN) / 1024, 2);
  const { counts } = Object.values(servers)[0];
  const head = [
    '',
    `KiB per idle session (${counts.sessions})`,
    `KiB per open idle stream (${counts.streams})`,
    `KiB per parked call (${counts.parked})`,
  ];
  return table(
    [...head, `KiB more after ${counts.calls} calls`],
    Object.entries(servers).map(([id, { session, stream, parked, calls }]) => [
      SERVERS[id].title,
      kib(session),
      kib(stream),
      kib(parked),
      format(calls / 1024),
    ]),
  );
}

function scalingTable(scaling) {
  const rows = Object.keys(scaling)
    .filter((name) => Array.isArray(scaling[name]))
    .map((name) => {
      const [few, many] = scaling[name];
      const cells = [few, many].flatMap(({ rate, cpu }) => [format(rate), format(cpu, 1)]);
      return [`echo, ${few.count} and ${many.count} ${name}`, ...cells, format(many.cpu / few.cpu, 2)];
    });
  return table(['', 'per second, few', 'CPU µs', 'per second, many', 'CPU µs', 'CPU many / few'], rows);
}
