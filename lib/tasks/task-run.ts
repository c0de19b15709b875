import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import type { StoredTask, TaskAdapter, TaskData } from '../adapters/task.adapter.js';
import type { OnceBlock, OnceJournal } from '../calls/once-blocks.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import { McpErrorCode } from '../protocol/mcp.error.js';
import { isFinal } from '../protocol/types/tasks.js';
import { diverged, withBlock, withoutQuestion, withQuestion } from './task-changes.js';

/** Time between two attempts to write what must not be lost, while the store is away. */
const RETRY_MS = 250;

/** How a run ends: with its outcome, or one that others gave, or before its work is done. */
export type RunEnd = 'finished' | 'cancelled' | 'expired' | 'lost' | 'stopped';

/** Outcome of the work of a task; it may be that others go on with it. */
export type TaskOutcome =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: JsonRpcErrorObject }
  | { readonly isHandedOver: true };

/** Outcome of work that has failed, or can go on nowhere. */
export function failure(message: string): Extract<TaskOutcome, { readonly error: unknown }> {
  return { error: { code: McpErrorCode.InternalError, message } };
}

/** A run has ended and can change its task no more. */
export class TaskRunEndedError extends Error {
  override readonly name = 'TaskRunEndedError';

  constructor(readonly end: RunEnd) {
    super(`The run of the task has ended: ${end}`);
  }
}

/** A block was begun by an earlier run, which left no result: whether it has done its work is unknown. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/**
 * One run of a task, by its only runner. Changes go by version; after a conflict the newest data is read, and the fence in it
 * compared: a run that was replaced can change nothing.
 */
export class TaskRun implements OnceJournal {
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string, () => void>();
  /** Blocks that run now. */
  readonly #open: Set<string>;
  /** Blocks as the run found them. */
  readonly #found: TaskData['blocks'];
  /** The fence. */
  readonly #run: string;
  #last: Promise<unknown> = Promise.resolve();
  #status: string | undefined;
  #saying: Promise<void> | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #isDraining = false;
  #isFinishing = false;
  #end: RunEnd | undefined;

  /** With the blocks that run already. */
  constructor(
    readonly taskId: string,
    private readonly adapter: TaskAdapter,
    private task: StoredTask,
    open: Iterable<string> = [],
  ) {
    this.#run = task.data.run;
    this.#open = new Set(open);
    this.#found = task.data.blocks;
    this.#armExpiry(performance.now() + task.remainingMs);
  }

  get data(): TaskData {
    return this.task.data;
  }

  /** Aborted with a `TaskRunEndedError` when the run has to end. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** True while a block of `once` runs. */
  get isInBlock(): boolean {
    return this.#open.size > 0;
  }

  /** Begins to hear of answers and cancellation. What happened before is not looked for: see `refresh`. */
  async watch(): Promise<void> {
    this.#unwatch = await this.adapter.watch(this.taskId, () => void this.refresh().catch(() => {}));
    if (this.#end) this.#unwatch();
  }

  /** Keeps the newest of several messages that wait to be kept. */
  status(statusMessage: string): Promise<void> {
    this.#status = statusMessage;
    return (this.#saying ??= this.#change((data) => {
      this.#saying = undefined;
      return { ...data, statusMessage: this.#status as string };
    }));
  }

  /**
   * The answer to a question, whenever it comes; one that an earlier run was given counts.
   *
   * @param question digest by which an earlier run is found to have asked something else
   */
  async ask(key: string, request: unknown, question = ''): Promise<unknown> {
    const { asked = {} } = this.data;
    if (Object.hasOwn(asked, key) && asked[key] !== question) throw diverged(key);
    const isOpen = Object.hasOwn(this.data.inputRequests, key);
    if (!isOpen && !Object.hasOwn(this.data.answers, key)) {
      await this.#persist((data) =>
        Object.hasOwn(data.answers, key) ? data : withQuestion(data, key, request, question),
      );
    }
    while (!Object.hasOwn(this.data.answers, key)) {
      this.throwIfEnded();
      await new Promise<void>((resolve) => {
        this.#waiting.set(key, resolve);
        if (Object.hasOwn(this.data.answers, key) || this.#end) resolve();
      });
    }
    this.#waiting.delete(key);
    return this.data.answers[key];
  }

  /** Takes a question back that waits no longer. @returns whether it is: its answer may have been first */
  async withdraw(key: string): Promise<boolean> {
    await this.#persist((data) => withoutQuestion(data, key));
    return !Object.hasOwn(this.data.answers, key);
  }

  /** Ends the wait of `begin`s for good: blocks that run may end, no other begins. */
  drain(): void {
    this.#isDraining = true;
  }

  /** @throws OutcomeUnknownError when an earlier run began the block, left no result, and did not say that it may be retried */
  async begin(key: string, mayRetry: boolean): Promise<void> {
    const found = Object.hasOwn(this.#found, key) ? this.#found[key] : undefined;
    if (found && !('result' in found) && !found.mayRetry)
      throw new OutcomeUnknownError(`Outcome of "${key}" is unknown`);
    if (this.#isDraining) await new Promise((resolve) => this.signal.addEventListener('abort', resolve));
    this.throwIfEnded();
    this.#open.add(key);
    try {
      await this.#persist((data) => withBlock(data, key, { mayRetry }));
      this.throwIfEnded();
    } catch (error) {
      this.#open.delete(key);
      throw error;
    }
  }

  async end(key: string, block: OnceBlock): Promise<void> {
    try {
      await this.#persist((data) => withBlock(data, key, block));
    } finally {
      this.#open.delete(key);
    }
  }

  /** Why the run is over; `undefined` as long as it goes on. */
  get ended(): RunEnd | undefined {
    return this.#end;
  }

  /**
   * Writes the outcome, as the last change of the run. What the client cancelled before is cancelled. May be repeated after
   * a failure; does nothing where the run has ended otherwise.
   */
  async finish(outcome: TaskOutcome): Promise<void> {
    const isCancelled = this.#end === 'cancelled';
    if (this.#end && !isCancelled) return;
    this.#isFinishing = true;
    await this.#change((data) => {
      if (isCancelled || data.isCancelRequested) return { ...data, status: 'cancelled', inputRequests: {} };
      if ('isHandedOver' in outcome) return { ...data, isHandedOver: true };
      return 'result' in outcome
        ? { ...data, inputRequests: {}, status: 'completed', result: outcome.result }
        : { ...data, inputRequests: {}, status: 'failed', error: outcome.error };
    }, true);
    this.#close('finished');
  }

  /** Ends the run: aborts its signal, and whatever waits. */
  stop(reason: RunEnd): void {
    if (this.#end) return;
    this.#close(reason);
    this.#abort.abort(new TaskRunEndedError(reason));
  }

  #close(end: RunEnd): void {
    this.#end = end;
    clearTimeout(this.#expiry);
    // One that was cancelled has yet to write that it is.
    this.#unwatch?.();
    for (const wake of this.#waiting.values()) wake();
  }

  /** @throws TaskRunEndedError */
  throwIfEnded(): void {
    if (this.#end) throw new TaskRunEndedError(this.#end);
  }

  /** Repeats a change while the store is away, for as long as the run lasts. */
  async #persist(change: (data: TaskData) => TaskData): Promise<void> {
    for (;;) {
      try {
        return await this.#change(change);
      } catch (error) {
        if (!(error instanceof AdapterUnavailableError)) throw error;
        await delay(RETRY_MS, undefined, { ref: false });
        this.throwIfEnded();
      }
    }
  }

  /** One change after the other, each on the newest data. */
  #change(change: (data: TaskData) => TaskData, isLast = false): Promise<void> {
    return this.#inTurn(async () => {
      for (;;) {
        if (!isLast) this.throwIfEnded();
        else if (isFinal(this.data.status)) return;
        const changed = change(this.data);
        if (changed === this.data) return;
        const data = { ...changed, lastUpdatedAt: new Date().toISOString() };
        const version = await this.adapter.change(this.taskId, this.task.version, data);
        if (version !== undefined) {
          this.task = { ...this.task, data, version };
          return;
        }
        if (await this.#read()) continue;
        if (isLast && this.#end === 'finished') return;
        this.throwIfEnded();
      }
    });
  }

  /** Reads the newest state. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#end || !(await this.#read())) return;
      if (this.data.isCancelRequested) this.stop('cancelled');
      for (const [key, wake] of this.#waiting) if (Object.hasOwn(this.data.answers, key)) wake();
    });
  }

  /** @returns whether the task is there and still of this run */
  async #read(): Promise<boolean> {
    const task = await this.adapter.get(this.taskId);
    if (task?.data.run === this.#run) {
      if (!isFinal(task.data.status)) {
        this.task = task;
        return true;
      }
      // The reply to the last change was lost, or the task was completed from outside.
      if (this.#isFinishing) this.#close('finished');
      else this.stop('finished');
      return false;
    }
    const end = task ? 'lost' : 'expired';
    this.stop(end);
    this.#end = end;
    return false;
  }

  #armExpiry(at: number): void {
    const waitMs = Math.min(Math.max(at - performance.now(), 0), MAX_DELAY_MS);
    this.#expiry = setTimeout(() => {
      if (performance.now() < at) this.#armExpiry(at);
      else this.stop('expired');
    }, waitMs).unref();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
