import type { TaskAdapter } from '../adapters/task.adapter.js';
import { principalKey } from '../calls/principal-key.js';
import type { Call } from '../calls/call.js';
import { isFinal, type DetailedTask } from '../protocol/types/tasks.js';
import { detailedTask } from '../tasks/detailed-task.js';

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

  async #start(): Promise<void> {
    try {
      this.#unwatch = await this.deps.tasks.watch(this.taskId, () => this.#ring());
      if (this.#isStopped) this.#unwatch();
    } catch (error) {
      this.deps.onError(error);
    }
    this.#ring();
  }

  #ring(): void {
    this.#isDirty = true;
    if (this.#isReading || this.#isStopped) return;
    this.#isReading = true;
    // A failed read is retried at the next change signal, which comes in any case.
    void this.#read()
      .catch(this.deps.onError)
      .finally(() => (this.#isReading = false));
  }

  async #read(): Promise<void> {
    const { tasks, offer, drained } = this.deps;
    while (this.#isDirty && !this.#isStopped) {
      this.#isDirty = false;
      const task = await tasks.get(this.taskId);
      if (!task) return this.stop();
      const state = detailedTask(this.taskId, task.data);
      const text = JSON.stringify(state);
      if (this.#isStopped || text === this.#last) continue;
      if (offer(state)) this.#last = text;
      else {
        this.#isDirty = true;
        await drained();
        continue;
      }
      if (isFinal(state.status)) return this.stop();
    }
  }
}
