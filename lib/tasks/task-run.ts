import { MAX_DELAY_MS } from '../protocol/delays.js';
import type { StoredTask, TaskAdapter, TaskData } from '../adapters/task.adapter.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import { isFinal } from '../protocol/types/tasks.js';

/** Why a run has to end before its work is done. */
export type RunEnd = 'cancelled' | 'expired' | 'lost' | 'stopped';

/** Outcome of the work of a task. */
export type TaskOutcome =
  { readonly result: Readonly<Record<string, unknown>> } | { readonly error: JsonRpcErrorObject };

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
export class TaskRun {
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string, () => void>();
  readonly #open = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #expiry: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #end: RunEnd | 'finished' | undefined;

  constructor(
    readonly taskId: string,
    private readonly adapter: TaskAdapter,
    private readonly run: string,
    private task: StoredTask,
  ) {
    this.#armExpiry(performance.now() + task.remainingMs);
  }

  get data(): TaskData {
    return this.task.data;
  }

  /** Aborted with a `TaskRunEndedError` when the run has to end. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether a block of `once` runs now. */
  get isInBlock(): boolean {
    return this.#open.size > 0;
  }

  /** Begins to hear of answers and cancellation. */
  async watch(): Promise<void> {
    this.#unwatch = await this.adapter.watch(this.taskId, () => void this.#refresh().catch(() => {}));
    if (this.#end) this.#unwatch();
    await this.#refresh();
  }

  async status(statusMessage: string): Promise<void> {
    await this.#change((data) => ({ ...data, statusMessage }));
  }

  /** The answer to a question, whenever it comes; one that an earlier run was given counts. */
  async ask(key: string, request: unknown): Promise<unknown> {
    if (!Object.hasOwn(this.data.answers, key)) {
      await this.#change((data) =>
        Object.hasOwn(data.answers, key)
          ? data
          : { ...data, status: 'input_required', inputRequests: { ...data.inputRequests, [key]: request } },
      );
    }
    while (!Object.hasOwn(this.data.answers, key)) {
      this.#throwIfEnded();
      await new Promise<void>((resolve) => {
        this.#waiting.set(key, resolve);
        if (Object.hasOwn(this.data.answers, key) || this.#end) resolve();
      });
    }
    this.#waiting.delete(key);
    return this.data.answers[key];
  }

  /**
   * Runs a block unless an earlier run has its result. That it begins is written before it does, its result after. One that
   * throws leaves no result: what is to be remembered of a failure has to be returned as JSON.
   *
   * @throws OutcomeUnknownError when it was begun before, has no result and may not be retried.
   */
  async once(key: string, work: () => unknown, { retry = false } = {}): Promise<unknown> {
    const known = Object.hasOwn(this.data.blocks, key) ? this.data.blocks[key] : undefined;
    if (known && 'result' in known) return known.result;
    if (known && !known.mayRetry) throw new OutcomeUnknownError(`Outcome of "${key}" is unknown`);
    const put = (result?: { readonly result: unknown }) =>
      this.#change((data) => ({
        ...data,
        blocks: { ...data.blocks, [key]: { mayRetry: retry, ...result } },
      }));
    await put();
    this.#open.add(key);
    try {
      const value = (await work()) ?? null;
      await put({ result: value });
      return value;
    } finally {
      this.#open.delete(key);
    }
  }

  /** Why the run is over; `undefined` as long as it goes on. */
  get ended(): RunEnd | 'finished' | undefined {
    return this.#end;
  }

  /**
   * Writes the outcome, as the last change of the run. What the client cancelled before is cancelled. May be repeated after
   * a failure; does nothing where the run has ended otherwise.
   */
  async finish(outcome: TaskOutcome): Promise<void> {
    const isCancelled = this.#end === 'cancelled';
    if (this.#end && !isCancelled) return;
    await this.#change(
      (data) =>
        isCancelled || data.isCancelRequested
          ? { ...data, status: 'cancelled', inputRequests: {} }
          : {
              ...data,
              inputRequests: {},
              ...('result' in outcome
                ? { status: 'completed' as const, result: outcome.result }
                : { status: 'failed' as const, error: outcome.error }),
            },
      true,
    );
    this.#close('finished');
  }

  /** Ends the run: aborts its signal, and whatever waits. */
  end(reason: RunEnd): void {
    if (this.#end) return;
    this.#close(reason);
    this.#abort.abort(new TaskRunEndedError(reason));
  }

  #close(end: RunEnd | 'finished'): void {
    this.#end = end;
    clearTimeout(this.#expiry);
    // One that was cancelled has yet to write that it is.
    this.#unwatch?.();
    for (const wake of this.#waiting.values()) wake();
  }

  #throwIfEnded(): void {
    if (this.#end) throw new TaskRunEndedError(this.#end === 'finished' ? 'stopped' : this.#end);
  }

  /** One change after the other, each on the newest data. */
  #change(change: (data: TaskData) => TaskData, isLast = false): Promise<void> {
    return this.#inTurn(async () => {
      for (;;) {
        if (!isLast) this.#throwIfEnded();
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
        this.#throwIfEnded();
      }
    });
  }

  #refresh(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#end || !(await this.#read())) return;
      if (this.data.isCancelRequested) this.end('cancelled');
      for (const [key, wake] of this.#waiting) if (Object.hasOwn(this.data.answers, key)) wake();
    });
  }

  /** @returns whether the task is there and still of this run */
  async #read(): Promise<boolean> {
    const task = await this.adapter.get(this.taskId);
    if (task?.data.run === this.run) {
      if (!isFinal(task.data.status)) {
        this.task = task;
        return true;
      }
      // Nobody else writes an outcome for this run: the reply to its last change was lost.
      this.#close('finished');
      return false;
    }
    const end = task ? 'lost' : 'expired';
    this.end(end);
    this.#end = end;
    return false;
  }

  #armExpiry(at: number): void {
    const waitMs = Math.min(Math.max(at - performance.now(), 0), MAX_DELAY_MS);
    this.#expiry = setTimeout(() => {
      if (performance.now() < at) this.#armExpiry(at);
      else this.end('expired');
    }, waitMs).unref();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
