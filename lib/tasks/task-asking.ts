import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import type { Question } from '../asking/question.js';
import type { Asking, CallListener, Progress } from '../calls/call.js';
import { digest } from '../calls/canonical-json.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import type { JsonRpcNotification, JsonRpcRequest } from '../protocol/json-rpc.js';
import type { Schema } from '../schema/schema.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { TaskRun } from './task-run.js';

/** Way of a call to ask its client that may become a task, or is one. */
export class TaskAsking implements Asking {
  #hasAsked = false;

  constructor(
    private readonly put: (question: Question) => Promise<unknown>,
    private readonly resolveForm: (form: SchemaSource) => Promise<Schema>,
    /** Way of ordinary calls, which it begins with; absent for a task that is run again. */
    readonly inner: Asking | undefined,
  ) {}

  get hasAsked(): boolean {
    return this.#hasAsked || this.inner?.hasAsked === true;
  }

  get answers() {
    return this.inner?.answers ?? {};
  }

  ask(question: Question): Promise<unknown> {
    this.#hasAsked = true;
    return this.put(question);
  }

  resolve(form: SchemaSource): Promise<Schema> {
    return this.inner ? this.inner.resolve(form) : this.resolveForm(form);
  }
}

/** Asks by way of a task. A question that names no time waits as long as its task is kept. */
export async function askTask(
  run: TaskRun,
  { key, method, params, timeoutMs, retries }: Question,
): Promise<unknown> {
  const answer = run.ask(key, { method, params }, digest([method, params]));
  const given = timeoutMs === undefined ? answer : within(timeoutMs * (retries + 1), answer);
  try {
    // A copy: changes by the handler must not reach a later run.
    return structuredClone(await given);
  } catch (error) {
    if (!(error instanceof ClientRequestTimeoutError) || (await run.withdraw(key))) throw error;
    return structuredClone(await answer);
  }
}

async function within<T>(waitMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new ClientRequestTimeoutError(`The client did not answer within ${waitMs} ms`);
    timer = setTimeout(() => reject(error), Math.min(waitMs, MAX_DELAY_MS)).unref();
  });
  answer.catch(() => {});
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** Progress as the message of a status. */
export function progressText({ progress, total, message }: Progress): string {
  return message ?? [progress, total].filter((each) => each !== undefined).join(' of ');
}

/** Turns progress into the message of the status. Tasks have no log. */
export function listenerOf(run: TaskRun, onError: (error: unknown) => void): CallListener {
  return {
    progressToken: () => run.taskId,
    logLevel: () => undefined,
    outbound: {
      async send({ method, params }: JsonRpcNotification | JsonRpcRequest) {
        if (method !== 'notifications/progress') return false;
        const said = run.status(progressText(params as unknown as Progress));
        await said.catch((error: unknown) => run.ended ?? onError(error));
        return true;
      },
      closeStream: () => Promise.resolve(),
    },
  };
}
