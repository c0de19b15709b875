import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startStore, type StoreName } from '../../../support/stores.js';
import { takeViolations } from '../../../support/wire.js';
import { startBed, type Bed } from '../../bed/bed.js';
import { compiledFixture } from '../../bed/compiled.js';
import { InstanceProcess } from '../../bed/instance.js';
import { TaskLedger, type TaskNote } from '../../fixture/chaos-tasks/ledger.js';
import { Faults, isPossible } from '../faults.js';
import { Keys, type Lifetimes } from '../keys.js';
import { LIFETIMES } from '../settings.js';
import { planFaults } from '../plan/plan.js';
import { Random } from '../plan/random.js';
import { checkOnce, checkTask } from './check-task.js';
import { TaskClient, type TaskWorld } from './task-client.js';
import { FINAL, TaskHistory, type TaskRecord } from './task-history.js';

const INSTANCES = 3;
const CLIENTS = 10;

/** The last instance is one of the other platform. */
const PLATFORMS = ['express', 'express', 'fastify'] as const;

const TTL_MS = 30 * 60_000;
const LEASE_MS = 4_000;

/** How long what nobody holds any more may be there: a lease and some looks for orphans. */
const CLEAN_MS = 30_000;

/** Task records, lists of what instances own, and the directory of those. */
const TASK_LIFETIMES: Lifetimes = [
  [/^\{1t-[^}]+\}(:task(:log|:tails)?)?$/, TTL_MS],
  [/^\{1[ld]-[^}]+\}(:(tasks|lists))?$/, 7 * 24 * 60 * 60_000],
  ...LIFETIMES,
];
const TASK_KEY = /^\{1t-.{10}-i([^}]+)\}/;
const LIST_KEY = /^\{1l-/;

export interface TaskChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly store: StoreName;
  /** Hears of each fault as it happens. */
  readonly log?: (line: string) => void;
}

export interface TaskReport {
  readonly seed: number;
  readonly seconds: number;
  /** Tasks, by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Runs of handlers beyond the first of their task. */
  readonly restarts: number;
  readonly questions: number;
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
  /** A line each; none if all is well. */
  readonly violations: readonly string[];
}

/** Lets clients make tasks at some instances while these, a worker and their store break, and tells what went wrong. */
export async function runTaskChaos(options: TaskChaosOptions): Promise<TaskReport> {
  const directory = await mkdtemp(join(tmpdir(), 'chaos-tasks-'));
  const store = await startStore(options.store);
  try {
    const env = {
      CHAOS_LEDGER: join(directory, 'ledger'),
      CHAOS_JOBS: join(directory, 'jobs'),
      TASK_TTL_MS: String(TTL_MS),
      TASK_LEASE_MS: String(LEASE_MS),
      SHUTDOWN_GRACE_MS: '1000',
    };
    await writeFile(env.CHAOS_LEDGER, '');
    await mkdir(env.CHAOS_JOBS);
    const program = 'chaos-tasks/main';
    const bed = await startBed({ program, instances: INSTANCES, platforms: PLATFORMS, store, env });
    const working = { ...store.env, ...env };
    const worker = new InstanceProcess(INSTANCES, 0, await compiledFixture('chaos-tasks/worker'), working);
    try {
      await worker.start();
      const all = { ...bed, instances: [...bed.instances, worker] };
      return await runOn(all, worker, new TaskLedger(env.CHAOS_LEDGER), options);
    } finally {
      await worker.kill('SIGKILL');
      await bed.close().catch(() => {});
    }
  } finally {
    await store.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}

async function runOn(
  bed: Bed,
  worker: InstanceProcess,
  ledger: TaskLedger,
  { seconds, seed, log = () => {} }: TaskChaosOptions,
): Promise<TaskReport> {
  const { store, url } = bed;
  const history = new TaskHistory();
  const random = new Random(seed);
  const stop = new AbortController();
  const world = (): TaskWorld => ({ url, history, random: random.fork(), stop: stop.signal });
  const clients = Array.from({ length: CLIENTS }, (_, index) => new TaskClient(world(), `client-${index}`));
  const keys = new Keys(store, TASK_LIFETIMES);
  const since = () => ((Date.now() - history.beganAt) / 1_000).toFixed(1);
  const faults = new Faults(bed, history.outages, (line) => log(`${since()} s: ${line}`));
  const working = Promise.all(clients.map((client) => client.work()));
  const failed = new Promise<never>((_, reject) => void working.catch(reject));
  try {
    const plan = planFaults(seed, bed.instances.length, (kind) => isPossible(kind, store));
    await Promise.race([faults.carryOut(plan, AbortSignal.timeout(seconds * 1_000)), failed]);
  } finally {
    stop.abort();
  }
  log(`${since()} s: nothing breaks any more`);
  await working;
  const found = [
    ...(await endUnknown(history, keys, world())),
    ...(await lookAgain(history, bed, world())),
    ...(await keys.problems()),
  ];
  await worker.kill('SIGTERM');
  await bed.close().catch(({ message }: Error) => found.push(`crashed: ${message}`));
  if (worker.failure) found.push(`crashed: ${worker.failure.message}`);
  found.push(...takeViolations().map((line) => `against the specification: ${line}`));
  const report = reportOf(history, ledger.read(), found, { seed, seconds, faults: faults.counts });
  if (report.violations.length > 0)
    for (const { index, output } of bed.instances) log(`instance ${index} wrote:\n${output}`);
  return report;
}

/** Cancels tasks whose creation was not acknowledged, which nobody else would end. Nothing is owned by anybody then. */
async function endUnknown(history: TaskHistory, keys: Keys, world: TaskWorld): Promise<string[]> {
  const known = new Set(history.tasks.map(({ taskId }) => taskId));
  const ids = [...(await keys.read()).keys()].flatMap((key) => TASK_KEY.exec(key)?.[1] ?? []);
  const unknown = new Set(ids.filter((id) => !known.has(id)));
  const ender = new TaskClient(world, 'ender');
  for (const id of unknown) await ender.end(id);
  const deadline = Date.now() + CLEAN_MS;
  for (;;) {
    const lists = [...(await keys.read()).keys()].filter((key) => LIST_KEY.test(key));
    if (lists.length === 0) return [];
    if (Date.now() > deadline)
      return lists.map((key) => `left behind: ${key} lists tasks although all have ended`);
    await delay(250);
  }
}

/** All tasks are there, and as they were when they had ended, at each instance. */
async function lookAgain(history: TaskHistory, { instances }: Bed, world: TaskWorld): Promise<string[]> {
  const found: string[] = [];
  for (const { url } of instances.slice(0, INSTANCES)) {
    const client = new TaskClient({ ...world, url }, 'last');
    for (const task of history.tasks) if (task.taskId !== undefined) await client.look(task);
  }
  for (const { tool, mark, taskId, seen } of history.tasks)
    if (taskId !== undefined && !FINAL.includes(seen.at(-1)?.status ?? ''))
      found.push(`no end: ${tool} ${mark}`);
  return found;
}

function reportOf(
  { tasks, incidents, requests }: TaskHistory,
  ledger: readonly TaskNote[],
  found: readonly string[],
  given: Pick<TaskReport, 'seed' | 'seconds' | 'faults'>,
): TaskReport {
  const notes = new Map<string, TaskNote[]>();
  for (const note of ledger) notes.set(note.mark, [...(notes.get(note.mark) ?? []), note]);
  const ends: Record<string, number> = {};
  for (const task of tasks) {
    const end = endOf(task);
    ends[end] = (ends[end] ?? 0) + 1;
  }
  const starts = [...notes.values()].map((of) => of.filter(({ what }) => what === 'started').length);
  const checked = tasks.flatMap((task) => {
    const own = notes.get(task.mark) ?? [];
    return [...checkTask(task, own), ...checkOnce(task, own)];
  });
  return {
    ...given,
    ends,
    restarts: starts.reduce((sum, count) => sum + Math.max(count - 1, 0), 0),
    questions: ledger.filter(({ what }) => what === 'heard').length,
    requests,
    violations: [...new Set([...incidents, ...found, ...checked])],
  };
}

function endOf({ taskId, tool, seen }: TaskRecord): string {
  if (taskId === undefined) return tool === 'late' ? 'no task' : 'not acknowledged';
  const { text = '{}', status = 'never read' } = seen.at(-1) ?? {};
  const { error } = JSON.parse(text) as { error?: { message: string } };
  return error ? `failed: ${error.message.replace('The instance that ran this task ', '')}` : status;
}

export function printTasks({
  seed,
  seconds,
  ends,
  restarts,
  questions,
  requests,
  ...rest
}: TaskReport): string {
  const list = (counts: object) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    ...rest.violations.map((violation) => `VIOLATION ${violation}`),
    `tasks, seed ${seed}, ${seconds} s`,
    `tasks by ending: ${list(ends)}`,
    `requests ${requests}, runs elsewhere ${restarts}, answers heard ${questions}`,
    `faults: ${list(rest.faults)}`,
    `violations: ${rest.violations.length}`,
  ].join('\n');
}
