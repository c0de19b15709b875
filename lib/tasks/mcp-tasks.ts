import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import type { TaskAdapter, TaskData } from '../adapters/task.adapter.js';
import { elicit, sample, type Respondent } from '../asking/asking.js';
import type { Question } from '../asking/question.js';
import { digest } from '../calls/canonical-json.js';
import { McpAdapterMissingError } from '../calls/mcp-adapter-missing.error.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import { McpError } from '../protocol/mcp.error.js';
import { modernEra } from '../protocol/modern.era.js';
import type { ElicitResult } from '../protocol/types/elicitation.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { CreateMessageParams, CreateMessageResult } from '../protocol/types/sampling.js';
import { isFinal } from '../protocol/types/tasks.js';
import type { CallToolResult } from '../protocol/types/tools.js';
import type { Catalog } from '../registry/catalog.js';
import type { AskOptions, ContentOf } from '../registry/mcp-context.js';
import { toCheckedResult, toolError, toToolResult } from '../results/tool-result.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { Schema } from '../schema/schema.js';
import type { KeptCall } from './kept-call.js';
import { diverged, withoutQuestion, withQuestion } from './task-changes.js';
import { McpTaskEndedError } from './task-ended.error.js';

/** Dependencies of `McpTasks`. */
export interface McpTasksDeps {
  readonly adapter: TaskAdapter | undefined;
  readonly catalog: Catalog;
  readonly serverInfo: McpImplementation;
  readonly resolveForm: (form: SchemaSource) => Promise<Schema>;
}

/** A question of work that may be repeated: under the same key it is asked once, and its answer kept. */
type Keyed<T> = Omit<T, 'key'> & {
  /** Name of the question within the task. */
  readonly key: string;
};

/**
 * Goes on with tasks that were handed over, by the `id` that `ctx.task.handOver()` gave: in any process with the same module
 * options and store, an application context without HTTP too. Inject it.
 *
 * A change of a task that has ended, was cancelled or has expired has no effect, and returns `false`. Methods may be retried.
 *
 * @throws AdapterUnavailableError from every method, while the store is away, and from questions that wait when the application
 * closes: they may be asked again elsewhere.
 * @publicApi
 */
export class McpTasks {
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  /** @internal */
  constructor(private readonly deps: McpTasksDeps) {}

  /** @internal */
  onModuleDestroy(): void {
    this.#isClosed = true;
    for (const wake of this.#waiting) wake();
  }

  /** Checks whether the task still waits for its outcome. `false` also once the client has cancelled it: stop working then. */
  async isOpen(id: string): Promise<boolean> {
    const task = await this.#adapter.get(id);
    return task !== undefined && isOpen(task.data);
  }

  /**
   * Completes a task with what its handler would have returned, checked against the output schema of the tool.
   *
   * @returns whether the task was open
   * @throws TypeError when the value does not fit the schema. The task stays open.
   */
  async complete(id: string, value: unknown): Promise<boolean> {
    const task = await this.#adapter.get(id);
    if (!task || !isOpen(task.data)) return false;
    return this.#finish(id, await this.#toResult(task.data, value));
  }

  /**
   * Completes a task with a failure: a text is a tool error that the model reads, an `McpError` the error of the request.
   *
   * @returns whether the task was open
   */
  async fail(id: string, reason: string | McpError): Promise<boolean> {
    if (!(reason instanceof McpError)) return this.#finish(id, toolError(reason));
    const failed = await this.#change(id, (data) => ({
      ...data,
      inputRequests: {},
      status: 'failed',
      error: reason.toJSON(),
    }));
    return failed !== undefined;
  }

  /**
   * Sets the status message, in words for the user.
   *
   * @returns whether the task was open
   */
  async status(id: string, statusMessage: string): Promise<boolean> {
    return (await this.#change(id, (data) => ({ ...data, statusMessage }))) !== undefined;
  }

  /**
   * Asks the user and waits for the answer, as `ctx.elicit()` does.
   *
   * @throws McpTaskEndedError when there will be none.
   */
  async elicit<S extends SchemaSource>(
    id: string,
    options: Keyed<AskOptions> & { readonly message: string; readonly schema: S },
  ): Promise<ElicitResult<ContentOf<S>>> {
    return elicit(await this.#respondent(id), options) as Promise<ElicitResult<ContentOf<S>>>;
  }

  /**
   * Asks the model of the client and waits for what it says, as `ctx.sample()` does.
   *
   * @throws McpTaskEndedError when there will be no answer.
   */
  async sample(id: string, options: CreateMessageParams & Keyed<AskOptions>): Promise<CreateMessageResult> {
    return sample(await this.#respondent(id), options);
  }

  get #adapter(): TaskAdapter {
    if (this.deps.adapter) return this.deps.adapter;
    throw new McpAdapterMissingError(
      'McpTasks needs somewhere to find tasks: give McpModule.forRoot() the option tasks or store',
    );
  }

  async #toResult({ call }: TaskData, value: unknown): Promise<CallToolResult> {
    const { tool } = call as KeptCall;
    const entry = this.deps.catalog.tools.get(tool);
    if (!entry)
      throw new McpConfigurationError(
        `McpTasks.complete(): this process has no tool "${tool}", whose output schema the outcome has to fit. ` +
          'Import the module that provides it',
      );
    if (!entry.output) return toToolResult(value);
    const checked = await toCheckedResult(value, entry.output);
    if (checked.ok) return checked.result;
    const issues = JSON.stringify(checked.issues);
    throw new TypeError(
      `McpTasks.complete(): the value does not fit the output schema of tool "${tool}": ${issues}`,
    );
  }

  async #finish(id: string, result: CallToolResult): Promise<boolean> {
    const json = JSON.stringify(modernEra.complete(modernEra.toolResult(result), this.deps.serverInfo));
    const kept = JSON.parse(json) as Readonly<Record<string, unknown>>;
    const completed = await this.#change(id, (data) => ({
      ...data,
      inputRequests: {},
      status: 'completed',
      result: kept,
    }));
    return completed !== undefined;
  }

  async #respondent(id: string): Promise<Respondent> {
    const task = await this.#adapter.get(id);
    if (!task || !isOpen(task.data)) throw new McpTaskEndedError();
    return {
      era: modernEra,
      clientCapabilities: (task.data.call as KeptCall).clientCapabilities,
      resolve: (form) => this.deps.resolveForm(form),
      nameQuestion: (_, key) => {
        if (key === undefined) throw new TypeError('McpTasks: a question needs a key');
        return key;
      },
      ask: (question) => this.#ask(id, question),
    };
  }

  async #ask(id: string, { key, method, params, timeoutMs, retries }: Question): Promise<unknown> {
    const question = digest([method, params]);
    const asked = await this.#change(id, (data) => {
      const known = data.asked ?? {};
      if (Object.hasOwn(known, key) && known[key] !== question) throw diverged(key);
      const isThere = Object.hasOwn(data.answers, key) || Object.hasOwn(data.inputRequests, key);
      return isThere ? data : withQuestion(data, key, { method, params }, question);
    });
    if (!asked) throw new McpTaskEndedError();
    const waitMs = timeoutMs === undefined ? undefined : Math.min(timeoutMs * (retries + 1), MAX_DELAY_MS);
    try {
      return await this.#answer(id, key, waitMs);
    } catch (error) {
      if (!(error instanceof ClientRequestTimeoutError)) throw error;
      const left = await this.#change(id, (data) => withoutQuestion(data, key));
      // The answer may have been first.
      if (left && Object.hasOwn(left.answers, key)) return left.answers[key];
      throw error;
    }
  }

  async #answer(id: string, key: string, waitMs: number | undefined): Promise<unknown> {
    let isLate = false;
    let wake = () => {};
    const unwatch = await this.#adapter.watch(id, () => wake());
    const onTimeout = () => {
      isLate = true;
      wake();
    };
    const timer = waitMs === undefined ? undefined : setTimeout(onTimeout, waitMs);
    const onClose = () => wake();
    this.#waiting.add(onClose);
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => (wake = resolve));
        if (this.#isClosed) throw new AdapterUnavailableError('The application is closing');
        const task = await this.#adapter.get(id);
        if (!task || !isOpen(task.data)) throw new McpTaskEndedError();
        if (Object.hasOwn(task.data.answers, key)) return task.data.answers[key];
        if (isLate) throw new ClientRequestTimeoutError(`The client did not answer within ${waitMs} ms`);
        await changed;
      }
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(onClose);
      unwatch();
    }
  }

  /** @returns the data of the task afterwards; `undefined` if it is not open */
  async #change(id: string, change: (data: TaskData) => TaskData): Promise<TaskData | undefined> {
    for (;;) {
      const task = await this.#adapter.get(id);
      if (!task || !isOpen(task.data)) return undefined;
      const changed = change(task.data);
      if (changed === task.data) return changed;
      const data = { ...changed, lastUpdatedAt: new Date().toISOString() };
      if ((await this.#adapter.change(id, task.version, data)) !== undefined) return data;
    }
  }
}

function isOpen({ status, isCancelRequested }: TaskData): boolean {
  return !isFinal(status) && !isCancelRequested;
}
