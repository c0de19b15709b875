/** The servers and the load as processes of their own, each on a core of its own where the system can do that. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const START_LIMIT = 60_000;
/** One tick of /proc/<pid>/stat, which Linux counts in hundredths of a second. */
const TICK_MICROSECONDS = 10_000;

const running = new Set();

/** The core of the servers and that of the load; none where there is no taskset or only one core. */
export const cores = findCores();

/** Starts a program and waits for a line of its output. Ended by `stopAll` at the latest. */
export async function start(file, args, { env = {}, node = [], core = cores?.server, until }) {
  const isScript = /\.m?js$/.test(file);
  const [command, ...rest] = pinned(
    core,
    isScript ? [process.execPath, ...node, file, ...args] : [file, ...args],
  );
  const child = spawn(command, rest, {
    env: { ...process.env, NODE_ENV: 'production', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  void ended.then(() => running.delete(child));
  const failed = new Promise((resolve) => child.once('error', resolve));
  const lines = createInterface(child.stdout);
  const line = (pattern) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${file}: nothing like ${pattern} in time`)),
        START_LIMIT,
      );
      const settle = (how, what) => {
        clearTimeout(late);
        lines.off('line', read);
        how(what);
      };
      const read = (given) => {
        const found = pattern.exec(given);
        if (found) settle(resolve, found[1]);
      };
      lines.on('line', read);
      void failed.then((error) => settle(reject, error));
      void ended.then((code) => settle(reject, new Error(`${file} ended with ${code}`)));
    });
  const first = await line(until);
  return {
    pid: child.pid,
    first,
    signal: (signal, pattern) => {
      const answer = line(pattern);
      child.kill(signal);
      return answer;
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Starts a server on a free port of the loopback interface. */
export async function startServer({ file, args }, { env, node } = {}) {
  const server = await start(file, args, { env, node, until: /^listening on (http:\S+)$/ });
  return { ...server, url: server.first };
}

/** Ends everything that this run started. */
export function stopAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Runs a script with a job given as JSON on standard input; returns what it prints as JSON. */
export async function runJob(script, job, core = cores?.load) {
  const [command, ...args] = pinned(core, [process.execPath, join(import.meta.dirname, script)]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: 600_000 });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify(job));
  const output = await text(child.stdout);
  const code = await ended;
  running.delete(child);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${output}`);
  return JSON.parse(output);
}

/** Puts a server under load once, for `seconds` or until an `amount` is done; throws unless every answer was as expected. */
export async function runLoad({ pid, job }, how) {
  const before = cpuMicroseconds(pid);
  const { done, duration, problem } = await runJob(job.script, { ...job, ...how });
  const cpu = cpuMicroseconds(pid) - before;
  if (problem) throw new Error(`${job.url}: ${problem}`);
  return { rate: done / duration, cpu: cpu / done };
}

/** User and system time of all threads; not a number where there is no /proc. */
function cpuMicroseconds(pid) {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return NaN;
  // After the name, which may hold spaces: utime and stime are fields 14 and 15 of the whole line.
  const fields = readFileSync(path, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

function pinned(core, command) {
  return core === undefined ? command : ['taskset', '-c', core, ...command];
}

function findCores() {
  if (!existsSync('/proc/self/status') || spawnSync('taskset', ['-V']).status !== 0) return undefined;
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const allowed = list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  });
  return allowed.length < 2 ? undefined : { server: allowed[0], load: allowed[1] };
}
