/** The servers and the load as processes of their own, each on a core of its own where the system can do that. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const program = join(import.meta.dirname, '../../dist/test/bench/server/main.js');
const START_LIMIT = 30_000;
/** One tick of /proc/<pid>/stat, which Linux counts in hundredths of a second. */
const TICK_MICROSECONDS = 10_000;

const running = new Set();

/** The core of the servers and that of the load; none where there is no taskset or only one core. */
export const cores = findCores();

/** Starts a server on a free port of the loopback interface. */
export async function startServer(args, answers) {
  const env = { ...process.env, NODE_ENV: 'production', PORT: '0' };
  delete env.BENCH_ANSWERS;
  if (answers !== undefined) env.BENCH_ANSWERS = JSON.stringify(answers);
  const [file, ...rest] = pinned(cores?.server, [program, ...args]);
  const child = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 3_600_000 });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('The server did not start in time')), START_LIMIT);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
    createInterface(child.stdout).on('line', (line) => {
      const found = /^listening on (http:\S+)$/.exec(line)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
  });
  return { pid: child.pid, url };
}

/** Ends every server that this run started. */
export function stopServers() {
  for (const child of running) child.kill('SIGKILL');
}

/** Runs the load once; throws unless every answer was the expected one with status 200. */
export async function runLoad(pid, job) {
  const [file, ...args] = pinned(cores?.load, [join(import.meta.dirname, 'load.mjs'), JSON.stringify(job)]);
  const before = cpuMicroseconds(pid);
  const { stdout } = await execute(file, args, { timeout: (job.seconds + 30) * 1000 });
  const cpu = cpuMicroseconds(pid) - before;
  const { requests, errors, mismatches, duration, statusCodeStats } = JSON.parse(stdout);
  const statuses = Object.keys(statusCodeStats).join();
  if (errors > 0 || mismatches > 0 || statuses !== '200') {
    throw new Error(`${job.url}: status ${statuses}, ${errors} errors, ${mismatches} wrong answers`);
  }
  return { rate: requests / duration, cpu: cpu / requests };
}

/** User and system time of all threads; not a number where there is no /proc. */
function cpuMicroseconds(pid) {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return NaN;
  // After the name, which may hold spaces: utime and stime are fields 14 and 15 of the whole line.
  const fields = readFileSync(path, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

function pinned(core, args) {
  return core === undefined
    ? [process.execPath, ...args]
    : ['taskset', '-c', core, process.execPath, ...args];
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
