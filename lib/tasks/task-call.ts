import { setTimeout as delay } from 'node:timers/promises';
import { assertAnswerable, sendable } from '../asking/input-responses.js';
import type { Admission, Asking, AskingStrategy, Call, Method, Outcome } from '../calls/call.js';
import { callerKey } from '../calls/caller-key.js';
import { digest } from '../calls/canonical-json.js';
import type { OnceJournal } from '../calls/once-blocks.js';
import { principalKey } from '../calls/principal-key.js';
import { RetryLaterError } from '../calls/retry-later.error.js';
import type { SealedJson } from '../calls/sealed-json.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { InputRequired, type InputRequiredOptions } from '../protocol/input-required.js';
import { isObject } from '../protocol/json-rpc.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { TaskRules } from '../protocol/types/task-rules.js';
import type { McpHandover, McpTask } from '../registry/mcp-task.js';
import type { Schema } from '../schema/schema.js';
import type { SchemaSource } from '../schema/schema-source.js';
import { createTaskResult } from './detailed-task.js';
import { keptCall, sealCall } from './kept-call.js';
import { askTask, listenerOf, progressText, TaskAsking } from './task-asking.js';
import type { TaskOutcome, TaskRun } from './task-run.js';
import type { TaskPlaces } from './task-places.js';
import { newTaskId, type TaskRunner } from './task-runner.js';

/** Dependencies of calls that may become tasks. */
export interface TaskCallDeps {
  /** Way of calls that are no tasks, or not yet. */
  readonly inner: AskingStrategy;
  readonly runner: TaskRunner;
  readonly places: TaskPlaces;
  /** Counts a task that may outlive its run. @returns `false` if its caller has too many that are open */
  readonly countOpen: (caller: string, taskId: string, ttlMs: number) => Promise<boolean>;
  readonly serverInfo: McpImplementation;
  readonly seal: SealedJson;
  /** Binding (associated data) that the call of a task is sealed with. */
  readonly bindingOf: (taskId: string) => string;
  readonly resolveForm: (form: SchemaSource) => Promise<Schema>;
  readonly onError: (error: unknown) => void;
}

/** A call that may become a task, and has become one once `#run` is there. */
export class TaskCall implements Admission {
  /** Set for a task that is run again: its caller was authorized when the task was created. */
  readonly isOver: boolean;
  #run: TaskRun | undefined;
  #timer: NodeJS.Timeout | undefined;
  #openQuestions = 0;
  #leftMs: number;
  #since = 0;
  #becoming: Promise<void> | undefined;
  #isDone = false;

  /** With the run that goes on with the task, if it is one already. */
  constructor(
    private readonly call: Call,
    private readonly rules: TaskRules,
    private readonly deps: TaskCallDeps,
    run?: TaskRun,
  ) {
    this.isOver = run !== undefined;
    this.#leftMs = rules.afterMs;
    call.admission = this;
    if (!run) return;
    this.#use(run, () => {});
    call.onceBlocks.record(Promise.resolve(run));
  }

  /** Makes the task, or begins to count the time of the work. */
  enter(): Promise<void> | undefined {
    if (this.isOver) return undefined;
    if (this.rules.mode === 'required') return this.#become();
    this.#resume();
    return undefined;
  }

  /** Runs the method; in a task again with the answers if it asks round by round. */
  async run(method: Method): Promise<object | string> {
    try {
      for (let round = 1; ; round++) {
        try {
          return await method(this.call);
        } catch (error) {
          await this.#becoming;
          if (!this.#run || !(error instanceof InputRequired)) throw error;
          await this.#askRound(this.#run, error.options, round);
        }
      }
    } finally {
      this.#isDone = true;
      clearTimeout(this.#timer);
      // A task that is being created would have no end: its call would have been answered already.
      await this.#becoming;
    }
  }

  asking(): Asking {
    const { deps } = this;
    const inner = this.isOver ? undefined : deps.inner.open(this.call);
    const put: Asking['ask'] = async (question) => {
      // A question that is asked while the task is being created belongs to the task.
      await this.#becoming;
      if (this.#run) return askTask(this.#run, question);
      this.#pause();
      try {
        return await inner?.ask(question);
      } finally {
        this.#resume();
      }
    };
    return new TaskAsking(put, deps.resolveForm, inner);
  }

  #pause(): void {
    if (this.#openQuestions++ > 0) return;
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(this.#leftMs - (performance.now() - this.#since), 0);
  }

  #resume(): void {
    this.#openQuestions = Math.max(this.#openQuestions - 1, 0);
    if (this.#isDone || this.#openQuestions > 0 || this.#run) return;
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
    const isRequired = rules.mode === 'required';
    // Nobody would hear of the task.
    if (call.cancellation.isCancelled && !isRequired) return;
    call.cancellation.throwIfCancelled();
    if (deps.runner.isClosing) {
      if (isRequired) throw new RetryLaterError('The server is shutting down');
      return;
    }
    const leave = deps.places.take(callerKey(call));
    if (!leave) {
      if (isRequired) throw new RetryLaterError('Too many tasks are running already');
      return;
    }
    const taskId = newTaskId();
    const { ttlMs, pollIntervalMs, restartable: isRestartable } = rules;
    const answers = Object.entries(call.openAsking?.answers ?? call.earlier?.answers ?? {});
    let keep: (journal?: OnceJournal) => void = () => {};
    const journal = new Promise<OnceJournal | undefined>((resolve) => (keep = resolve));
    const blocks = isRestartable ? call.onceBlocks.record(journal) : {};
    let finish: (outcome: Outcome) => void = () => {};
    const outcome = new Promise<Outcome>((resolve) => (finish = resolve));
    try {
      if (rules.handOver && !(await deps.countOpen(callerKey(call), taskId, ttlMs)))
        throw new RetryLaterError('Too many tasks are open already');
      const sealed = isRestartable ? sealCall(call, deps.seal, deps.bindingOf(taskId)) : undefined;
      const run = await deps.runner.create(
        {
          principal: principalKey(call.principal) ?? null,
          call: keptCall(call, sealed),
          isRestartable,
          ttlMs,
          pollIntervalMs,
          ...(call.latestProgress && { statusMessage: progressText(call.latestProgress) }),
          answers: Object.fromEntries(answers.map(([key, { answer }]) => [key, answer])),
          asked: Object.fromEntries(
            answers.flatMap(([key, { question }]) => (question ? [[key, question]] : [])),
          ),
          blocks,
        },
        async () => {
          const given = await outcome;
          leave();
          return this.#outcomeOf(given);
        },
        taskId,
      );
      keep(run);
      const result = call.era.complete(createTaskResult(taskId, run.data), deps.serverInfo);
      call.settle({ result: JSON.stringify(result) });
      this.#use(run, finish);
    } catch (error) {
      keep();
      leave();
      if (isRequired) throw error;
      deps.onError(error);
    }
  }

  #use(run: TaskRun, finish: (outcome: Outcome) => void): void {
    const { call, deps } = this;
    this.#run = run;
    call.task = this.#describe(run);
    const onAbort = () => call.cancellation.cancel('The task has ended');
    if (run.signal.aborted) onAbort();
    run.signal.addEventListener('abort', onAbort);
    call.attach(listenerOf(run, deps.onError), finish);
  }

  #describe(run: TaskRun): McpTask {
    const { call, rules } = this;
    return {
      status: (message) => run.status(message),
      handOver(): McpHandover {
        if (!rules.handOver) {
          const tool = String(call.request.params?.['name']);
          throw new McpConfigurationError(
            `ctx.task.handOver() in tool "${tool}": its task option does not say handOver: true`,
          );
        }
        call.isHandedOver = true;
        return { id: run.taskId };
      },
    };
  }

  async #askRound(
    run: TaskRun,
    { inputRequests = {}, requestState }: InputRequiredOptions,
    round: number,
  ): Promise<void> {
    const { call, rules } = this;
    const { request, clientCapabilities, earlier } = call;
    const asked = Object.entries(inputRequests);
    for (const [, each] of asked) assertAnswerable(each, clientCapabilities);
    if (asked.length === 0) await delay(rules.pollIntervalMs, undefined, { signal: run.signal, ref: false });
    const inputResponses = await Promise.all(
      asked.map(async ([key, each]) => {
        const sent = sendable(each, clientCapabilities);
        // A key stands for one question of a task, however often a handler uses it.
        const name = round === 1 ? key : `${key}_${round}`;
        const answer = await run.ask(name, sent, digest([sent.method, sent.params]));
        // A copy: changes by the handler must not reach a later run.
        return [key, structuredClone(answer)] as const;
      }),
    );
    const params = { ...request.params, inputResponses: Object.fromEntries(inputResponses) };
    call.request = { ...request, params };
    call.earlier = { answers: {}, once: {}, ...earlier, sentCount: call.sentCount, own: requestState };
  }

  #outcomeOf(outcome: Outcome): TaskOutcome {
    if ('error' in outcome) return { error: outcome.error };
    return this.call.isHandedOver ? { isHandedOver: true } : { result: resultIn(outcome.result) };
  }
}

function resultIn(json: string): Readonly<Record<string, unknown>> {
  const result: unknown = JSON.parse(json);
  return isObject(result) ? result : {};
}
