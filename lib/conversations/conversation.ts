import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import type { InputRequest } from '../protocol/input-required.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';
import { withTrace, type McpInstrumentation, type TraceCarrier } from '../telemetry/instrumentation.js';
import type { Schema } from '../schema/schema.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { Asking, Call, CallListener, Outcome, Settle } from '../calls/call.js';
import { digest } from '../calls/canonical-json.js';
import type { AnsweredQuestion, AskedQuestion, Question } from '../asking/question.js';

/**
 * Phase of a conversation.
 *
 * - `running`: a request waits for what the handler does next
 * - `asking`: the request is about to be answered with questions
 * - `parked`: the handler waits for the request that brings the answers
 * - `ended`: the handler has come to its end, or this run of it as far as it can
 */
export type ConversationPhase = 'running' | 'asking' | 'parked' | 'ended';

/** Rules of a conversation that depend on its strategy. */
export interface ConversationRules {
  /** Milliseconds that a question waits which does not say; `undefined` where none waits, as a next run gets the answers. */
  readonly defaultTimeoutMs: number | undefined;
  readonly instrumentation: McpInstrumentation | undefined;
  resolveForm(form: SchemaSource): Promise<Schema>;
  /** Puts the open questions to the client: ends in `park` or `suspend`. The handler gets what it throws. */
  put(): Promise<void> | void;
}

interface OpenQuestion extends Required<AskedQuestion> {
  readonly params: Readonly<Record<string, unknown>>;
  readonly carrier: TraceCarrier | undefined;
  readonly timer: NodeJS.Timeout | undefined;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Questions of one run of a handler to a modern client, and the phase they have brought it to. */
export class Conversation implements Asking {
  /** Set when the handler did not ask the same as the run before. */
  divergence: McpError | undefined;
  #phase: ConversationPhase = 'running';
  readonly #answers: Map<string, AnsweredQuestion>;
  readonly #open = new Map<string, OpenQuestion>();
  /** Context of the trace that the first request of the run belongs to. */
  readonly trace: TraceCarrier | undefined;
  /** Forms being prepared. */
  #preparing = 0;
  /** Outcome of a handler that has ended with no request there to hear of it. */
  #unheard: Outcome | undefined;
  #flushing: NodeJS.Immediate | undefined;
  readonly #onCancel = (reason: Error) => this.#abandon(reason);

  constructor(
    readonly call: Call,
    private readonly rules: ConversationRules,
  ) {
    this.#answers = new Map(Object.entries(call.earlier?.answers ?? {}));
    this.trace = rules.instrumentation?.carrier();
  }

  get phase(): ConversationPhase {
    return this.#phase;
  }

  get hasAsked(): boolean {
    return this.#answers.size > 0;
  }

  get questionCount(): number {
    return this.#open.size;
  }

  /** Questions that wait for an answer, by key. */
  get inputRequests(): Readonly<Record<string, InputRequest>> {
    return Object.fromEntries(
      [...this.#open].map(([key, { method, params, carrier }]) => [
        key,
        { method, params: withTrace(params, carrier) },
      ]),
    );
  }

  /** The same as the next request of the client has to know them. */
  get asked(): Readonly<Record<string, AskedQuestion>> {
    return Object.fromEntries(
      [...this.#open].map(([key, { method, question }]) => [key, { method, question }]),
    );
  }

  get answers(): Readonly<Record<string, AnsweredQuestion>> {
    return Object.fromEntries(this.#answers);
  }

  /** `asking` to `parked`: answers the request with the questions. */
  park(outcome: Outcome): void {
    if (this.#phase !== 'asking') return;
    this.#phase = 'parked';
    this.call.settle(outcome);
  }

  /** `asking` to `ended`: answers the request with the questions; a next run goes on from what this one has done. */
  suspend(outcome: Outcome): void {
    if (this.#phase !== 'asking') return;
    this.#phase = 'ended';
    this.call.settle(outcome);
    this.call.onceBlocks.close();
    this.call.cancellation.cancel('The call goes on in the next request');
  }

  /** `parked` to `running`: takes the next request with its answers. Of a handler that has ended it hears the outcome. */
  resume(listener: CallListener, settle: Settle, answers: Readonly<Record<string, unknown>>): void {
    this.call.attach(listener, settle);
    if (this.#unheard) return this.call.settle(this.#unheard);
    this.#phase = 'running';
    for (const [key, { timer, resolve }] of [...this.#open]) {
      if (!Object.hasOwn(answers, key)) continue;
      this.#open.delete(key);
      clearTimeout(timer);
      resolve(answers[key]);
    }
    // Questions without an answer are asked again.
    this.#flushSoon();
  }

  /** Any phase to `ended`, with the outcome of the handler. @returns whether a request was there to hear of it */
  end(outcome: Outcome): boolean {
    if (this.#phase === 'ended') return false;
    this.#phase = 'ended';
    this.#takeOpen();
    const { isHeard } = this.call;
    if (isHeard) this.call.settle(outcome);
    else this.#unheard = outcome;
    return isHeard;
  }

  /** Cancels a handler whose result no request will hear. */
  cancel(reason: Error): void {
    if (this.#phase !== 'ended') this.call.cancellation.cancel(reason.message);
  }

  async ask(asked: Question): Promise<unknown> {
    if (this.#phase === 'ended') return new Promise(() => {});
    const { key, method, params } = asked;
    const question = digest([method, params]);
    const known = this.#answers.get(key);
    if (known?.question !== undefined && known.question !== question)
      throw (this.divergence ??= diverged(key));
    const answer = known ? known.answer : await this.#follow(asked, question);
    this.#answers.set(key, { question, answer });
    // A copy: a change by the handler must not reach a later run.
    return JSON.parse(JSON.stringify(answer)) as unknown;
  }

  /** Lets questions leave together although the form of one takes a moment to prepare. */
  async resolve(form: SchemaSource): Promise<Schema> {
    this.#preparing++;
    try {
      return await this.rules.resolveForm(form);
    } finally {
      this.#preparing--;
      this.#flushSoon();
    }
  }

  /** Waits for an answer; measured only where the run waits too, as a run that ends with its questions sees no duration. */
  #follow(asked: Question, question: string): Promise<unknown> {
    const { instrumentation, defaultTimeoutMs } = this.rules;
    if (!instrumentation || defaultTimeoutMs === undefined) return this.#wait(asked, question);
    return instrumentation.ask({ method: asked.method, sessionId: undefined }, (carrier) =>
      this.#wait(asked, question, carrier),
    );
  }

  async #wait(
    { key, method, params, timeoutMs, retries }: Question,
    question: string,
    carrier?: TraceCarrier,
  ): Promise<unknown> {
    const { defaultTimeoutMs } = this.rules;
    const { cancellation } = this.call;
    cancellation.throwIfCancelled();
    cancellation.onCancel(this.#onCancel);
    const waitMs = defaultTimeoutMs && Math.min(timeoutMs ?? defaultTimeoutMs, MAX_DELAY_MS);
    this.#flushSoon();
    return new Promise((resolve, reject) => {
      let left = retries;
      const onTimeout = () => {
        // The client comes for questions: asked anew it is by waiting on, and by telling a request that is there.
        if (left-- > 0) {
          timer?.refresh();
          return this.#flushSoon();
        }
        this.#open.delete(key);
        reject(new ClientRequestTimeoutError(`The client did not answer within ${waitMs} ms`));
      };
      const timer = waitMs === undefined ? undefined : setTimeout(onTimeout, waitMs).unref();
      this.#open.set(key, { method, params, carrier, question, timer, resolve, reject });
    });
  }

  /** Ends the wait for every open question. */
  #abandon(reason: unknown): void {
    if (this.#phase === 'ended') return;
    for (const { reject } of this.#takeOpen()) reject(reason);
  }

  #takeOpen(): OpenQuestion[] {
    clearImmediate(this.#flushing);
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { timer } of open) clearTimeout(timer);
    return open;
  }

  /** Questions of one turn of the event loop leave together. */
  #flushSoon(): void {
    clearImmediate(this.#flushing);
    this.#flushing = setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    if (this.#phase !== 'running' || this.#open.size === 0 || this.#preparing > 0) return;
    const { onceBlocks } = this.call;
    if (onceBlocks.isRunning) {
      // A later run must find what these did.
      await onceBlocks.settled();
      return this.#flushSoon();
    }
    this.#phase = 'asking';
    try {
      await this.rules.put();
    } catch (error) {
      this.#phase = this.#phase === 'asking' ? 'running' : this.#phase;
      this.#abandon(error);
    }
  }
}

function diverged(key: string): McpError {
  const message = `The question "${key}" is not the one that was answered: the handler does not ask the same when it runs again`;
  return new McpError(McpErrorCode.InternalError, message);
}
