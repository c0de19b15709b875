import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import type { TaskAdapter, TaskBlock, TaskData } from '../adapters/task.adapter.js';
import { isFinal } from '../protocol/types/tasks.js';
import { failure, OutcomeUnknownError, TaskRun, TaskRunEndedError, type TaskOutcome } from './task-run.js';

/** Time between two looks for orphans and at the own lease. */
const BEAT_MS = 1_000;

/** How long before the end of its lease an instance ends its runs. */
const MARGIN_MS = 1_500;

/** Initial data of a task. */
export type NewTask = Pick<
  TaskData,
  'principal' | 'call' | 'isRestartable' | 'ttlMs' | 'pollIntervalMs' | 'statusMessage'
> &
  Partial<Pick<TaskData, 'answers' | 'asked' | 'blocks'>>;

/** Options of a `TaskRunner`. */
export interface TaskRunnerOptions {
  /** Does the work of a task again from the top, with the answers and results that are there. May be aborted. */
  readonly restart: (run: TaskRun) => Promise<TaskOutcome>;
  /** Called for failures that are reported to no caller. */
  readonly onError: (error: unknown) => void;
}

/** Runs the tasks of one instance, and those of others that are gone. */
export class TaskRunner {
  readonly #runs = new Map<string, TaskRun>();
  /** Tasks that are owned here and have no run: they are to be adopted. */
  readonly #orphans = new Set<string>();
  /** Tasks that need no owner any more, and have one as the store was away. */
  readonly #unreleased = new Set<string>();
  /** Set once the failure of the store has been reported. */
  #isFailing = false;
  #beat: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #isClosing = false;

  constructor(
    private readonly adapter: TaskAdapter,
    private readonly options: TaskRunnerOptions,
  ) {}

  /** Tasks that run here. */
  get size(): number {
    return this.#runs.size;
  }

  /** True once the runner is closing: it starts no new runs. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Begins to look for orphans. */
  async start(): Promise<void> {
    await this.adapter.open();
    this.#beat ??= setInterval(() => {
      // Not in turn with the rest: a store that does not answer is how a lease is lost.
      if (this.#endLostRuns()) return;
      this.#beating ??= this.#tick().finally(() => (this.#beating = undefined));
    }, BEAT_MS).unref();
  }

  /** Makes a task of work that is done here. When it resolves the task is durable; `work` begins after that. */
  async create(
    task: NewTask,
    work: (run: TaskRun) => Promise<TaskOutcome>,
    taskId = newTaskId(),
  ): Promise<TaskRun> {
    const now = new Date().toISOString();
    const data: TaskData = {
      answers: {},
      blocks: {},
      ...task,
      status: 'working',
      createdAt: now,
      lastUpdatedAt: now,
      run: newRun(),
      inputRequests: {},
      isCancelRequested: false,
    };
    const open = Object.keys(data.blocks).filter((key) => !('result' in (data.blocks[key] as TaskBlock)));
    try {
      const version = await this.adapter.create(taskId, data);
      const run = new TaskRun(taskId, this.adapter, { data, version, remainingMs: data.ttlMs }, open);
      await this.#begin(run, work, false);
      return run;
    } catch (error) {
      // A task that was created nevertheless is known to no client, and expires.
      this.#unreleased.add(taskId);
      throw error;
    }
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
    const stopped = this.#stop(others, deadline);
    await this.#handOver(restartable, deadline).finally(() => stopped);
  }

  async #handOver(runs: readonly TaskRun[], deadline: number): Promise<void> {
    for (const run of runs) run.drain();
    while (runs.some(({ isInBlock }) => isInBlock) && performance.now() < deadline) await delay(10);
    for (const run of runs) run.stop('stopped');
    await this.adapter.handOver();
  }

  async #stop(runs: readonly TaskRun[], deadline: number): Promise<void> {
    const isRunning = () => runs.some((run) => this.#runs.get(run.taskId) === run);
    while (isRunning() && performance.now() < deadline) await delay(10);
    for (const run of runs) {
      if (this.#runs.get(run.taskId) !== run) continue;
      try {
        await run.finish(failure('The instance that ran this task was stopped'));
        await this.adapter.release(run.taskId);
      } catch (error) {
        // Its heir will find it.
        this.options.onError(error);
      }
      run.stop('stopped');
    }
  }

  async #begin(run: TaskRun, work: (run: TaskRun) => Promise<TaskOutcome>, isKnown: boolean): Promise<void> {
    const { taskId } = run;
    this.#runs.set(taskId, run);
    run.signal.addEventListener('abort', () => {
      if (run.ended === 'expired' || run.ended === 'finished') void this.#release(taskId);
      // At once: whatever the handler still says does not count.
      if (run.ended === 'cancelled') void this.#conclude(run, CANCELLED);
    });
    try {
      await run.watch();
      // Nobody knows of a new one yet.
      if (isKnown) await run.refresh();
    } catch (error) {
      this.#runs.delete(taskId);
      run.stop('lost');
      throw error;
    }
    void this.#finish(run, work).finally(() => {
      if (this.#runs.get(taskId) === run) this.#runs.delete(taskId);
    });
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
    await this.#conclude(run, outcome);
  }

  async #conclude(run: TaskRun, outcome: TaskOutcome): Promise<void> {
    if (await this.#isWritten(run, outcome)) await this.#release(run.taskId);
  }

  /** Repeated while the store is away: an outcome is lost with the lease only. */
  async #isWritten(run: TaskRun, outcome: TaskOutcome): Promise<boolean> {
    for (;;) {
      try {
        await run.finish(outcome);
        return run.ended === 'finished';
      } catch (error) {
        if (error instanceof TaskRunEndedError || this.#isClosing) return false;
        this.#report(error);
        // A refusal of the store is final, such as that of a result which is too large for it.
        if (!(error instanceof AdapterUnavailableError))
          outcome = failure('The outcome of this task cannot be kept');
        await delay(BEAT_MS, undefined, { ref: false });
      }
    }
  }

  async #release(taskId: string): Promise<void> {
    this.#unreleased.add(taskId);
    try {
      await this.adapter.release(taskId);
      this.#unreleased.delete(taskId);
    } catch (error) {
      this.#report(error);
    }
  }

  /** An outage is one failure, however much of it is noticed. */
  #report(error: unknown): void {
    if (!this.#isFailing) this.options.onError(error);
    this.#isFailing = true;
  }

  /** Ends all runs if the lease is about to end, before an heir can begin. @returns whether it is */
  #endLostRuns(): boolean {
    const { silentForMs, leaseMs } = this.adapter;
    if (silentForMs <= leaseMs - MARGIN_MS) return false;
    for (const [taskId, run] of this.#runs) {
      this.#orphans.add(taskId);
      run.stop('lost');
    }
    this.#runs.clear();
    return true;
  }

  async #tick(): Promise<void> {
    try {
      for (const taskId of [...this.#unreleased]) {
        await this.adapter.release(taskId);
        this.#unreleased.delete(taskId);
      }
      await this.#adoptOrphans();
      this.#isFailing = false;
    } catch (error) {
      this.#report(error);
    }
  }

  /** One that cannot be taken over, as its record is of a later version, keeps no other from it. */
  async #adoptOrphans(): Promise<void> {
    const failures: unknown[] = [];
    while (!this.#isClosing) {
      for (const taskId of [...this.#orphans]) {
        try {
          // Another may have taken over meanwhile what this instance has lost.
          if (await this.adapter.owns(taskId)) await this.#adopt(taskId);
          this.#orphans.delete(taskId);
        } catch (error) {
          if (error instanceof AdapterUnavailableError) throw error;
          failures.push(error);
        }
      }
      const claimed = await this.adapter.claimOrphans();
      if (!claimed) break;
      for (const taskId of claimed.taskIds) this.#orphans.add(taskId);
    }
    if (failures.length > 0) throw failures[0] as Error;
  }

  /** Writes a new fence, so that the run before can change nothing, together with what becomes of the task. */
  async #adopt(taskId: string): Promise<void> {
    for (;;) {
      const task = await this.adapter.get(taskId);
      if (!task || isFinal(task.data.status) || task.data.isHandedOver) return this.adapter.release(taskId);
      const data = adopted(task.data);
      const version = await this.adapter.change(taskId, task.version, data);
      if (version === undefined) continue;
      if (isFinal(data.status)) return this.adapter.release(taskId);
      const run = new TaskRun(taskId, this.adapter, { ...task, data, version });
      await this.#begin(run, (each) => this.#restart(each), true);
      return;
    }
  }

  /** Nothing runs again that has ended before it could, such as a task that was cancelled meanwhile. */
  async #restart(run: TaskRun): Promise<TaskOutcome> {
    run.throwIfEnded();
    return this.options.restart(run);
  }
}

/** Stands for the outcome of what was cancelled, which has none. */
const CANCELLED: TaskOutcome = { result: {} };

const UNKNOWN = 'The instance that ran this task has ended, and the outcome of a step is unknown';

/** State of a task that this instance takes over from a run that is gone. */
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

/** Generates an unguessable id. */
export function newTaskId(): string {
  return randomBytes(18).toString('base64url');
}

function newRun(): string {
  return randomBytes(9).toString('base64url');
}
