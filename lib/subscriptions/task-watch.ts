import type { TaskAdapter } from '../adapters/task.adapter.js';
import { principalKey } from '../calls/principal-key.js';
import type { Call } from '../calls/call.js';
import { isFinal, type DetailedTask } from '../protocol/types/tasks.js';
import { detailedTask } from '../tasks/detailed-task.js';

/** Between two attempts to follow a task. */
const WATCH_AGAIN_MS = 1_000;

/** Takes the state of a task. @returns `false` if there is no room now */
export type OfferTask = (task: DetailedTask) => boolean;

/** Dependencies of `TaskWatch`. */
export interface TaskWatchDeps {
  readonly tasks: TaskAdapter;
  readonly offer: OfferTask;
  /** Resolves when there is room again; `undefined` when there is now. */
  readonly drained: () => Promise<void> | undefined;
  readonly onError: (error: unknown) => void;
}

/** The tasks among these that belong to the caller. */
export async function ownTasks(
  tasks: TaskAdapter,
  { principal }: Call,
  taskIds: readonly string[],
): Promise<string[]> {
  const owner = principalKey(principal) ?? null;
  const found = await Promise.all(
    [...new Set(taskIds)].map(async (id) => [id, await tasks.get(id)] as const),
  );
  return found.flatMap(([id, task]) => (task?.data.principal === owner ? [id] : []));
}

/**
 * Follows a task from its state now to its last one. States that come faster than they are read are left out, but for the
 * newest.
 */
export class TaskWatch {
  #last: string | undefined;
  #isDirty = true;
  #isReading = false;
  #isStopped = false;
  /** Set once the failure of the store has been reported. */
  #isFailing = false;
  #unwatch: (() => void) | undefined;

  constructor(
    private readonly taskId: string,
    private readonly deps: TaskWatchDeps,
  ) {
    void this.#start();
  }

  stop(): void {
    this.#isStopped = true;
    this.#unwatch?.();
  }

  /** Tries until the changes are followed. Meanwhile the task is looked at with every attempt. */
  async #start(): Promise<void> {
    while (!this.#isStopped) {
      try {
        this.#unwatch = await this.deps.tasks.watch(this.taskId, () => this.#ring());
        if (this.#isStopped) this.#unwatch();
        return this.#ring();
      } catch (error) {
        this.#report(error);
        this.#ring();
        await new Promise((resolve) => setTimeout(resolve, WATCH_AGAIN_MS).unref());
      }
    }
  }

  #ring(): void {
    this.#isDirty = true;
    if (!this.#isReading) void this.#readAll();
  }

  /** A failed read is retried at the next change signal, which comes in any case. */
  async #readAll(): Promise<void> {
    this.#isReading = true;
    while (this.#isDirty && !this.#isStopped) {
      this.#isDirty = false;
      try {
        await this.#read();
      } catch (error) {
        this.#report(error);
      }
    }
    // In one step with the check: a signal between the two would be lost.
    this.#isReading = false;
  }

  async #read(): Promise<void> {
    const { tasks, offer, drained } = this.deps;
    const task = await tasks.get(this.taskId);
    if (this.#unwatch) this.#isFailing = false;
    if (!task) return this.stop();
    const state = detailedTask(this.taskId, task.data);
    const text = JSON.stringify(state);
    if (this.#isStopped || text === this.#last) return;
    if (!offer(state)) {
      this.#isDirty = true;
      await drained();
      return;
    }
    this.#last = text;
    if (isFinal(state.status)) this.stop();
  }

  /** An outage is one failure, however often it is met. */
  #report(error: unknown): void {
    if (!this.#isFailing) this.deps.onError(error);
    this.#isFailing = true;
  }
}
