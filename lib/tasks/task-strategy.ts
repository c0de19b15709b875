import type { TaskAdapter } from '../adapters/task.adapter.js';
import { Call, type Asking, type AskingStrategy, type HandleSource, type Method } from '../calls/call.js';
import type { OnceResult, OnceResults } from '../calls/once-blocks.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import { modernEra } from '../protocol/modern.era.js';
import type { TaskRules } from '../protocol/types/task-rules.js';
import { supportsTasks } from '../protocol/types/tasks.js';
import { openCall } from './kept-call.js';
import { TaskCall, type TaskCallDeps } from './task-call.js';
import { failure, type TaskOutcome, type TaskRun } from './task-run.js';
import { TaskRunner } from './task-runner.js';

/** Dependencies of the tasks of one server. */
export interface TaskStrategyDeps extends Omit<TaskCallDeps, 'runner'> {
  readonly adapter: TaskAdapter;
  /** Rules of the tool that a call is for; `undefined` where no call of it becomes a task. */
  readonly rulesOf: (call: Call) => TaskRules | undefined;
  readonly handles: HandleSource;
  /** Answers a call that is run again, as a JSON-RPC response. */
  readonly answer: (call: Call) => Promise<{ readonly text: string }>;
}

/**
 * Lets calls become tasks: the request is answered with the task, and the handler runs on. What it asks before that is asked
 * in the way of ordinary calls; what it asks later is an input request of the task. Tasks of instances that are gone are
 * gone on with here.
 */
export class TaskStrategy implements AskingStrategy {
  readonly mayReplay: boolean;
  readonly #runner: TaskRunner;
  readonly #deps: TaskStrategyDeps & TaskCallDeps;
  readonly #begun = new WeakMap<Call, TaskCall>();

  constructor(deps: TaskStrategyDeps) {
    this.mayReplay = deps.inner.mayReplay;
    const { onError } = deps;
    this.#runner = new TaskRunner(deps.adapter, { restart: (run) => this.#restart(run), onError });
    this.#deps = { ...deps, runner: this.#runner };
  }

  /** Tasks that run here. */
  get size(): number {
    return this.#runner.size;
  }

  /** Begins to take over tasks of instances that are gone. */
  start(): Promise<void> {
    return this.#runner.start();
  }

  /** Ends all tasks here. Those that may not run again have some milliseconds to come to an end by themselves. */
  close(graceMs: number): Promise<void> {
    return this.#runner.close(graceMs);
  }

  async answer(call: Call, method: Method): Promise<object | string> {
    const again = this.#begun.get(call);
    if (again) return again.run(method);
    const { inner, rulesOf } = this.#deps;
    const rules = rulesOf(call);
    if (!rules) return inner.answer(call, method);
    // One that must be a task is refused by the method, once it is known that the caller may know of the tool.
    if (!supportsTasks(call.clientCapabilities))
      return rules.mode === 'required' ? method(call) : inner.answer(call, method);
    const task = new TaskCall(call, rules, this.#deps);
    this.#begun.set(call, task);
    return inner.answer(call, () => task.run(method));
  }

  open(call: Call): Asking {
    return this.#begun.get(call)?.asking() ?? this.#deps.inner.open(call);
  }

  /** Runs the handler of a task from the top, with the answers and results so far. */
  async #restart(run: TaskRun): Promise<TaskOutcome> {
    const { seal, bindingOf, handles, answer, rulesOf } = this.#deps;
    const memory = openCall(run.data.call, seal, bindingOf(run.taskId));
    if (!memory) return failure('This instance cannot read the task: requestStateSecret differs');
    const { own, ...facts } = memory;
    const call = new Call({
      ...facts,
      era: modernEra,
      http: undefined,
      outbound: undefined,
      handles,
      strategy: this,
    });
    const rules = rulesOf(call);
    if (!rules) return failure('The tool of this task is gone, or has no tasks any more');
    call.earlier = { answers: {}, once: resultsOf(run), sentCount: 0, own };
    this.#begun.set(call, new TaskCall(call, rules, this.#deps, run));
    const { result, error } = JSON.parse((await answer(call)).text) as {
      readonly result: Readonly<Record<string, unknown>>;
      readonly error?: JsonRpcErrorObject;
    };
    if (error) return { error };
    return call.isHandedOver ? { isHandedOver: true } : { result };
  }
}

function resultsOf({ data }: TaskRun): OnceResults {
  const done = Object.entries(data.blocks).filter(([, block]) => 'result' in block);
  return Object.fromEntries(done.map(([key, { result }]) => [key, result as OnceResult]));
}
