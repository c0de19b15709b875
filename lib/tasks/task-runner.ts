import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskAdapter, TaskData } from '../adapters/task.adapter.js';
import { isFinal } from '../protocol/types/tasks.js';
import { OutcomeUnknownError, TaskRun, type TaskOutcome } from './task-run.js';

/** Time between two looks for orphans and at the own lease. */
const BEAT_MS = 1_000;

/** How long before the end of its lease an instance ends its runs. */
const MARGIN_MS = 1_500;

const INTERNAL_ERROR = -32603;

/** What a task is begun with. */
export type NewTask = Pick<
  TaskData,
  'principal' | 'call' | 'isRestartable' | 'ttlMs' | 'pollIntervalMs' | 'statusMessage'
>;

/** Decisions of whoever runs tasks. */
export interface TaskRunnerOptions {
  /** Does the work of a task again from the top, with the answers and results that are there. May be aborted. */
  readonly restart: (run: TaskRun) => Promise<TaskOutcome>;
  /** Called for failures that nobody else hears of. */
  readonly onError: (error: unknown) => void;
}

/** Runs the tasks of one instance, and those of others that are gone. */
export class TaskRunner {
  readonly #runs = new Map<string, TaskRun>();
  readonly #work = new Set<Promise<void>>();
  #beat: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #isClosing = false;

  constructor(
    private readonly adapter: TaskAdapter,
    private readonly options: TaskRunnerOptions,
  ) {}

  /** Begins to look for orphans. */
  async start(): Promise<void> {
    await this.adapter.open();
    this.#beat ??= setInterval(() => {
      this.#beating ??= this.#tick().finally(() => (this.#beating = undefined));
    }, BEAT_MS).unref();
  }

  /** Makes a task of work that is done here. When it resolves the task is durable; `work` begins after that. */
  async create(task: NewTask, work: (run: TaskRun) => Promise<TaskOutcome>): Promise<TaskRun> {
    const taskId = randomBytes(18).toString('base64url');
    const now = new Date().toISOString();
    const data: TaskData = {
      ...task,
      status: 'working',
      createdAt: now,
      lastUpdatedAt: now,
      run: newRun(),
      inputRequests: {},
      answers: {},
      blocks: {},
      isCancelRequested: false,
    };
    const version = await this.adapter.create(taskId, data);
    return this.#begin(taskId, { data, version, remainingMs: data.ttlMs }, work);
  }

  /**
   * Ends all runs. Those that may run again are handed over, as soon as no block of theirs runs or `graceMs` are over; others
   * have `graceMs` to finish, and fail.
   */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#beat);
    await this.#beating;
    const deadline = performance.now() + graceMs;
    const [restartable, others] = [true, false].map((wanted) =>
      [...this.#runs.values()].filter(({ data }) => data.isRestartable === wanted),
    ) as [TaskRun[], TaskRun[]];
    await Promise.all([this.#handOver(restartable, deadline), this.#stop(others, deadline)]);
  }

  async #handOver(runs: readonly TaskRun[], deadline: number): Promise<void> {
    while (runs.some(({ isInBlock }) => isInBlock) && performance.now() < deadline) await delay(10);
    for (const run of runs) run.end('stopped');
    await this.adapter.handOver();
  }

  async #stop(runs: readonly TaskRun[], deadline: number): Promise<void> {
    const isRunning = () => runs.some((run) => this.#runs.get(run.taskId) === run);
    while (isRunning() && performance.now() < deadline) await delay(10);
    for (const run of runs) {
      if (this.#runs.get(run.taskId) !== run) continue;
      await run.finish(failure('The instance that ran this task was stopped'));
      run.end('stopped');
    }
  }

  async #begin(
    taskId: string,
    task: { readonly data: TaskData; readonly version: string; readonly remainingMs: number },
    work: (run: TaskRun) => Promise<TaskOutcome>,
  ): Promise<TaskRun> {
    const run = new TaskRun(taskId, this.adapter, task.data.run, task);
    this.#runs.set(taskId, run);
    await run.watch();
    const working = this.#finish(run, work).finally(() => {
      this.#work.delete(working);
      if (this.#runs.get(taskId) === run) this.#runs.delete(taskId);
    });
    this.#work.add(working);
    return run;
  }

  async #finish(run: TaskRun, work: (run: TaskRun) => Promise<TaskOutcome>): Promise<void> {
    let outcome: TaskOutcome;
    try {
      outcome = await work(run);
    } catch (error) {
      const isUnknown = error instanceof OutcomeUnknownError;
      if (!isUnknown && !run.signal.aborted) this.options.onError(error);
      outcome = failure(isUnknown ? UNKNOWN : 'Internal error');
    }
    await run.finish(outcome).catch(this.options.onError);
  }

  async #tick(): Promise<void> {
    const { silentForMs, leaseMs } = this.adapter;
    // Before an heir can begin: from here on nothing of these runs may be changed by this instance.
    if (silentForMs > leaseMs - MARGIN_MS) for (const run of this.#runs.values()) run.end('lost');
    try {
      for (;;) {
        const orphans = this.#isClosing ? undefined : await this.adapter.claimOrphans();
        if (!orphans) return;
        for (const taskId of orphans.taskIds) await this.#adopt(taskId);
      }
    } catch (error) {
      this.options.onError(error);
    }
  }

  /** Writes a new fence, so that the run before can change nothing, together with what becomes of the task. */
  async #adopt(taskId: string): Promise<void> {
    for (;;) {
      const task = await this.adapter.get(taskId);
      if (!task || isFinal(task.data.status)) return this.adapter.release(taskId);
      const data = adopted(task.data);
      const version = await this.adapter.change(taskId, task.version, data);
      if (version === undefined) continue;
      if (isFinal(data.status)) return this.adapter.release(taskId);
      await this.#begin(taskId, { ...task, data, version }, this.options.restart);
      return;
    }
  }
}

const UNKNOWN = 'The instance that ran this task has ended, and the outcome of a step is unknown';

/** What an heir makes of the task of a run that is gone. */
function adopted(data: TaskData): TaskData {
  const next = { ...data, run: newRun(), lastUpdatedAt: new Date().toISOString() };
  const end = { ...next, inputRequests: {} };
  if (data.isCancelRequested) return { ...end, status: 'cancelled' };
  const isUnknown = Object.values(data.blocks).some((block) => !('result' in block) && !block.mayRetry);
  if (isUnknown) return { ...end, status: 'failed', ...failure(UNKNOWN) };
  if (!data.isRestartable)
    return { ...end, status: 'failed', ...failure('The instance that ran this task has ended') };
  return next;
}

function failure(message: string): { readonly error: { readonly code: number; readonly message: string } } {
  return { error: { code: INTERNAL_ERROR, message } };
}

function newRun(): string {
  return randomBytes(9).toString('base64url');
}
