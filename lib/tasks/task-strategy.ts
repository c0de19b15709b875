import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import type { Asking, AskingStrategy, Call, CallListener, Method, Outcome } from '../calls/call.js';
import { principalKey } from '../calls/principal-key.js';
import type { Question } from '../asking/question.js';
import { isObject, type JsonRpcNotification, type JsonRpcRequest } from '../protocol/json-rpc.js';
import { McpMissingCapabilityError } from '../protocol/missing-capability.error.js';
import type { Implementation } from '../protocol/types/implementation.js';
import type { TaskRules } from '../protocol/types/task-rules.js';
import { supportsTasks, TASKS_CAPABILITY } from '../protocol/types/tasks.js';
import type { Schema } from '../schema/schema.js';
import type { SchemaSource } from '../schema/schema-source.js';
import { createTaskResult } from './detailed-task.js';
import type { TaskRun } from './task-run.js';
import type { TaskRunner } from './task-runner.js';

/** Dependencies of calls that may become tasks. */
export interface TaskStrategyDeps {
  /** Way of calls that are no tasks, or not yet. */
  readonly inner: AskingStrategy;
  readonly runner: TaskRunner;
  readonly serverInfo: Implementation;
  /** Rules of the tool that a call is for; `undefined` where no call of it becomes a task. */
  readonly rulesOf: (call: Call) => TaskRules | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Lets calls become tasks: the request is answered with the task, and the handler runs on. What it asks before that is asked
 * in the way of ordinary calls; what it asks later is an input request of the task.
 */
export class TaskStrategy implements AskingStrategy {
  readonly mayReplay: boolean;
  readonly #begun = new WeakMap<Call, PossibleTask>();

  constructor(private readonly deps: TaskStrategyDeps) {
    this.mayReplay = deps.inner.mayReplay;
  }

  async answer(call: Call, method: Method): Promise<object | string> {
    const rules = this.deps.rulesOf(call);
    if (!rules) return this.deps.inner.answer(call, method);
    if (!supportsTasks(call.clientCapabilities)) {
      if (rules.mode === 'required') throw new McpMissingCapabilityError(TASKS_CAPABILITY);
      return this.deps.inner.answer(call, method);
    }
    const task = new PossibleTask(call, rules, this.deps);
    this.#begun.set(call, task);
    return this.deps.inner.answer(call, async (running) => {
      await task.begin();
      try {
        return await method(running);
      } finally {
        task.stop();
      }
    });
  }

  open(call: Call): Asking {
    const inner = this.deps.inner.open(call);
    return this.#begun.get(call)?.wrap(inner) ?? inner;
  }
}

/** A call that may become a task, and has become one once `#run` is there. */
class PossibleTask {
  #run: TaskRun | undefined;
  #timer: NodeJS.Timeout | undefined;
  #openQuestions = 0;
  #leftMs: number;
  #since = 0;
  #becoming: Promise<void> | undefined;
  #isOver = false;

  constructor(
    private readonly call: Call,
    private readonly rules: TaskRules,
    private readonly deps: TaskStrategyDeps,
  ) {
    this.#leftMs = rules.mode === 'required' ? 0 : rules.afterMs;
  }

  /** Begins to count the time of the work. */
  begin(): Promise<void> | undefined {
    if (this.rules.mode === 'required') return this.#become();
    this.#resume();
    return undefined;
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  wrap(inner: Asking): Asking {
    return new TaskAsking(inner, async (question) => {
      // What is asked while the task is being made belongs to it.
      await this.#becoming;
      if (this.#run) return askTask(this.#run, question);
      this.#pause();
      try {
        return await inner.ask(question);
      } finally {
        this.#resume();
      }
    });
  }

  #pause(): void {
    if (this.#openQuestions++ > 0) return;
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(this.#leftMs - (performance.now() - this.#since), 0);
  }

  #resume(): void {
    this.#openQuestions = Math.max(this.#openQuestions - 1, 0);
    if (this.#isOver || this.#openQuestions > 0 || this.#run) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => void this.#become(), this.#leftMs).unref();
  }

  #become(): Promise<void> {
    this.#becoming ??= this.#create();
    return this.#becoming;
  }

  /** A call that cannot become a task, as the store is away, stays what it is, unless it must be one. */
  async #create(): Promise<void> {
    const { call, rules, deps } = this;
    let finish: (outcome: Outcome) => void = () => {};
    const outcome = new Promise<Outcome>((resolve) => (finish = resolve));
    const isRequired = rules.mode === 'required';
    try {
      const run = await deps.runner.create(
        {
          principal: principalKey(call.principal) ?? null,
          call: null,
          isRestartable: false,
          ttlMs: rules.ttlMs,
          pollIntervalMs: rules.pollIntervalMs,
        },
        async () => toTaskOutcome(await outcome),
      );
      run.signal.addEventListener('abort', () => call.cancellation.cancel('The task has ended'));
      const result = call.era.complete(createTaskResult(run.taskId, run.data), deps.serverInfo);
      this.#run = run;
      call.settle({ result: JSON.stringify(result) });
      call.attach(listenerOf(run, deps.onError), finish);
    } catch (error) {
      if (isRequired) throw error;
      deps.onError(error);
    }
  }
}

class TaskAsking implements Asking {
  #hasAsked = false;

  constructor(
    readonly inner: Asking,
    private readonly put: (question: Question) => Promise<unknown>,
  ) {}

  get hasAsked(): boolean {
    return this.#hasAsked || this.inner.hasAsked;
  }

  ask(question: Question): Promise<unknown> {
    this.#hasAsked = true;
    return this.put(question);
  }

  resolve(form: SchemaSource): Promise<Schema> {
    return this.inner.resolve(form);
  }
}

/** A question that names no time waits as long as its task is kept. */
async function askTask(run: TaskRun, { key, method, params, timeoutMs }: Question): Promise<unknown> {
  const answer = run.ask(key, { method, params });
  if (timeoutMs === undefined) return answer;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new ClientRequestTimeoutError(`The client did not answer within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(error), timeoutMs).unref();
  });
  answer.catch(() => {});
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** Turns progress into the message of the status. Tasks have no log. */
function listenerOf(run: TaskRun, onError: (error: unknown) => void): CallListener {
  return {
    progressToken: () => run.taskId,
    logLevel: () => undefined,
    outbound: {
      async send({ method, params }: JsonRpcNotification | JsonRpcRequest) {
        if (method !== 'notifications/progress') return false;
        const { progress, total, message } = params ?? {};
        const numbers = [progress, total].filter((each) => typeof each === 'number').join(' of ');
        await run
          .status(typeof message === 'string' ? message : numbers)
          .catch(run.ended ? () => {} : onError);
        return true;
      },
      closeStream: () => Promise.resolve(),
    },
  };
}

function toTaskOutcome(
  outcome: Outcome,
): { result: Readonly<Record<string, unknown>> } | Extract<Outcome, { error: unknown }> {
  if ('error' in outcome) return outcome;
  const result: unknown = JSON.parse(outcome.result);
  return { result: isObject(result) ? result : {} };
}
