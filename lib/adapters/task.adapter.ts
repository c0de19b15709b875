import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import type { TaskStatus } from '../protocol/types/tasks.js';

/**
 * State of a `ctx.once()` block of a task: begun, or with its result. One that was begun and has no result may have done
 * its work or not.
 *
 * @publicApi
 */
export interface TaskBlock {
  /** True if the block may run again although it was begun. */
  readonly mayRetry: boolean;
  /** Absent until the block has come to its end. Opaque JSON. */
  readonly result?: unknown;
}

/**
 * All that is kept of a task. Plain JSON: adapters give back what they were given.
 *
 * @publicApi
 */
export interface TaskData {
  readonly status: TaskStatus;
  readonly statusMessage?: string;
  /** ISO 8601, as is `lastUpdatedAt`. */
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Milliseconds from creation that the task is kept. */
  readonly ttlMs: number;
  readonly pollIntervalMs?: number;
  /** Key of the principal that the task belongs to; `null` for callers without one. Compared by the caller of the adapter. */
  readonly principal: string | null;
  /** Request that is being served, for a run at another instance. Opaque JSON. */
  readonly call: unknown;
  /** True if the task may run again from the top after its runner has died. */
  readonly isRestartable: boolean;
  /** Fence: name of the run that may change the task. Another run that takes over writes its own. */
  readonly run: string;
  /** Open questions to the client, by key. */
  readonly inputRequests: Readonly<Record<string, unknown>>;
  /** Digest of every question so far, by its key: a run that asks something else is found out. */
  readonly asked?: Readonly<Record<string, string>>;
  /** Answers of the client, by the key of their question. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly blocks: Readonly<Record<string, TaskBlock>>;
  readonly isCancelRequested: boolean;
  /** True once no run has the task any more: it is completed from outside. */
  readonly isHandedOver?: boolean;
  /** With status `completed`. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** With status `failed`. */
  readonly error?: JsonRpcErrorObject;
}

/**
 * A task as it is read.
 *
 * @publicApi
 */
export interface StoredTask {
  readonly data: TaskData;
  /** Differs after every change. Opaque. */
  readonly version: string;
  /** Milliseconds the task is still kept, by the clock of the store. */
  readonly remainingMs: number;
}

/**
 * Tasks whose instance is gone, taken over by one other instance: this one.
 *
 * @publicApi
 */
export interface OrphanedTasks {
  readonly taskIds: readonly string[];
}

/**
 * Keeps tasks: calls that outlive their request. Also the token it is injected by.
 *
 * Storage and delivery only. Who may see a task, what a run does and what becomes of orphans is decided above. Every method
 * is atomic, also across instances; once it has resolved every instance sees what it did. `undefined` and `false` are the
 * answer for what is not there, or not any more. A failure that passes rejects with `AdapterUnavailableError` and leaves
 * open whether something was done.
 *
 * The instance that creates a task owns it until the task is final and released, or until the instance has given no sign
 * of life for `leaseMs`: then exactly one other instance takes it over (`claimOrphans`). An adapter that is used by one
 * process only has no orphans.
 *
 * Prove an implementation with `taskContract` of `nestjs-mcp-adapters/testing`.
 *
 * @publicApi
 */
export abstract class TaskAdapter {
  /** True if other processes may use the same tasks. */
  readonly isShared: boolean = true;

  /** Milliseconds without a sign of life after which the tasks of an instance are orphans. */
  abstract readonly leaseMs: number;

  /**
   * Milliseconds since the latest sign of life that was certainly given, by the clock of this process and counted from before
   * it was sent. Runs have to end before it reaches `leaseMs`. `Infinity` if there was none.
   */
  abstract readonly silentForMs: number;

  /** Begins to give signs of life. Idempotent; `create` does it too. */
  abstract open(): Promise<void>;

  /**
   * Keeps a new task for `data.ttlMs`, owned by this instance. When it resolves every instance finds the task, and its
   * owner is known: if this process ends in the middle there is no task, or one that an heir finds.
   *
   * @returns its version
   */
  abstract create(taskId: string, data: TaskData): Promise<string>;

  abstract get(taskId: string): Promise<StoredTask | undefined>;

  /**
   * Replaces the data of a task if it has this version. The time it is kept stays what it is.
   *
   * @returns the new version; `undefined` if another caller has changed the task meanwhile, or it is gone
   */
  abstract change(taskId: string, version: string, data: TaskData): Promise<string | undefined>;

  /**
   * Calls `listener` after every change of a task by any instance, and maybe at other times. Resolves when no later change
   * will be missed.
   *
   * @returns what ends it
   */
  abstract watch(taskId: string, listener: () => void): Promise<() => void>;

  /** Checks whether this instance owns a task now: no other has taken it over, as far as the store knows. */
  abstract owns(taskId: string): Promise<boolean>;

  /** Ends the ownership of a task that needs no heir any more. The task stays. May be repeated. */
  abstract release(taskId: string): Promise<void>;

  /** Gives up the ownership of all restartable tasks, so that other instances take them over at once. */
  abstract handOver(): Promise<void>;

  /**
   * Takes over tasks of one instance that is gone, or that has handed them over; of several instances exactly one gets
   * them. Costs little where there are none. They are owned by this instance afterwards, and nothing else about them has
   * changed: the run that takes a task over writes itself into it. If it rejects, what was taken over nevertheless is
   * given by a later call.
   */
  abstract claimOrphans(): Promise<OrphanedTasks | undefined>;

  /**
   * Counts a task that is about to be created among those of its owner, for as long as it is open: by all instances
   * together, exactly. An adapter without this method limits nothing.
   *
   * @returns `false`, and counts nothing, if the owner has `max` other open tasks that were counted
   */
  count?(owner: string, taskId: string, ttlMs: number, max: number): Promise<boolean>;

  /** Resolves if tasks can be read and written now, else rejects with the reason. */
  abstract ping(): Promise<void>;

  /** Frees what the adapter opened. Tasks stay. What is still owned is orphaned. */
  abstract close(): Promise<void>;

  /**
   * Keeps answers to questions that are open; others are ignored.
   *
   * @returns whether there is such a task
   */
  async answer(taskId: string, responses: Readonly<Record<string, unknown>>): Promise<boolean> {
    return this.#changeUntilDone(taskId, (data) => {
      const open = Object.entries(responses).filter(([key]) => Object.hasOwn(data.inputRequests, key));
      if (open.length === 0) return undefined;
      const answered = new Set(open.map(([key]) => key));
      const left = Object.entries(data.inputRequests).filter(([key]) => !answered.has(key));
      return {
        ...data,
        answers: { ...data.answers, ...Object.fromEntries(open) },
        inputRequests: Object.fromEntries(left),
        status: data.status === 'input_required' && left.length === 0 ? 'working' : data.status,
        lastUpdatedAt: new Date().toISOString(),
      };
    });
  }

  /**
   * Asks the run of a task to end; one that was handed over ends here. What is final stays as it is.
   *
   * @returns whether there is such a task
   */
  async cancel(taskId: string): Promise<boolean> {
    return this.#changeUntilDone(taskId, (data) =>
      data.isCancelRequested || data.result || data.error || data.status === 'cancelled'
        ? undefined
        : {
            ...data,
            isCancelRequested: true,
            lastUpdatedAt: new Date().toISOString(),
            ...(data.isHandedOver && { status: 'cancelled', inputRequests: {} }),
          },
    );
  }

  /** Optimistic, by version: a change that lost against another one is retried on the new data. */
  async #changeUntilDone(taskId: string, change: (data: TaskData) => TaskData | undefined): Promise<boolean> {
    for (;;) {
      const task = await this.get(taskId);
      if (!task) return false;
      const changed = change(task.data);
      if (!changed || (await this.change(taskId, task.version, changed)) !== undefined) return true;
    }
  }
}
