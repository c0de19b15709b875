import { randomUUID } from 'node:crypto';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import type { InputRequest } from '../protocol/input-required.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';
import { digest } from './canonical-json.js';
import type { Exchange, Outcome } from './exchange.js';
import type { Question } from './question.js';
import type { Line, Memory } from './request-context.js';
import type { Answered, ConversationState, OnceResults } from './request-state.js';

/** What a conversation is begun or continued with. */
export interface ConversationStart {
  /** Where questions wait for their answers; without it the handler is run again with them. */
  readonly adapter: ClientRequestAdapter | undefined;
  readonly answers: Readonly<Record<string, Answered>>;
  readonly once: OnceResults;
  readonly inputResponses: Readonly<Record<string, unknown>> | undefined;
  readonly requestState: string | undefined;
}

/** Nobody is there to talk to, between one request of a conversation and the next. */
const SILENCE: Line = {
  progressToken: () => undefined,
  logLevel: () => undefined,
  outbound: { send: () => Promise.resolve(false), closeStream: () => Promise.resolve() },
};

const KIND: Readonly<Record<InputRequest['method'], string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

/** The questions of one run of a handler, and the request that hears of them. */
export class Conversation implements Memory {
  readonly id = randomUUID();
  /** How often it has asked. */
  round = 0;
  isFinished = false;
  readonly inputResponses: Readonly<Record<string, unknown>> | undefined;
  readonly requestState: string | undefined;
  readonly #adapter: ClientRequestAdapter | undefined;
  readonly #answers = new Map<string, Answered>();
  readonly #once = new Map<string, Promise<unknown>>();
  readonly #onceResults: Record<string, { value?: unknown }>;
  readonly #open = new Map<string, Question>();
  readonly #asked = new Map<string, number>();
  #exchange: Exchange | undefined;
  /** What came to an end while no request was there to hear of it. */
  #unheard: Outcome | undefined;
  #working = 0;
  #flushing: NodeJS.Immediate | undefined;

  /** `onQuestions` makes the outcome that asks what is open. */
  constructor(
    start: ConversationStart,
    private readonly onQuestions: (conversation: Conversation) => Promise<Outcome> | Outcome,
  ) {
    this.#adapter = start.adapter;
    this.inputResponses = start.inputResponses;
    this.requestState = start.requestState;
    for (const [key, answered] of Object.entries(start.answers)) this.#answers.set(key, answered);
    this.#onceResults = { ...start.once };
    for (const [key, result] of Object.entries(start.once)) this.#once.set(key, Promise.resolve(result.value));
  }

  get line(): Line {
    return this.#exchange ?? SILENCE;
  }

  /** The questions that wait for an answer, by key. */
  get inputRequests(): Readonly<Record<string, InputRequest>> {
    return Object.fromEntries([...this.#open].map(([key, { method, params }]) => [key, { method, params }]));
  }

  /** What a later run would have to know. */
  get state(): Required<Pick<ConversationState, 'asked' | 'answers' | 'once'>> {
    return {
      asked: Object.fromEntries([...this.#open].map(([key, { method }]) => [key, method])),
      answers: Object.fromEntries(this.#answers),
      once: this.#onceResults,
    };
  }

  /** Takes the request that hears of what comes next; of what nobody has heard yet, at once. */
  attach(exchange: Exchange): void {
    if (!this.#unheard) {
      this.#exchange = exchange;
      return;
    }
    exchange.settle(this.#unheard);
    this.#unheard = undefined;
  }

  /** The handler has come to an end. Returns whether a request was there to hear of it. */
  finish(outcome: Outcome): boolean {
    clearImmediate(this.#flushing);
    this.isFinished = true;
    const isHeard = this.#exchange !== undefined;
    if (!isHeard) this.#unheard = outcome;
    this.#hear(outcome);
    return isHeard;
  }

  async ask(question: Question): Promise<unknown> {
    const key = this.#keyOf(question);
    const fingerprint = digest([question.method, question.params]);
    const known = this.#answers.get(key);
    if (known) {
      if (known.question === undefined || known.question === fingerprint) return this.#record(key, fingerprint, known.answer);
      throw new McpError(
        McpErrorCode.InternalError,
        `The question "${key}" is not the one that was answered: the handler does not ask the same when it runs again`,
      );
    }
    if (this.#open.has(key)) throw new TypeError(`The question "${key}" is open already: give each a key of its own`);
    this.#open.set(key, question);
    try {
      return this.#record(key, fingerprint, await this.#wait(key, question));
    } finally {
      this.#open.delete(key);
    }
  }

  /** Answers what is open. Asks again what has got no answer. */
  async answer(answers: Readonly<Record<string, unknown>>): Promise<void> {
    for (const key of [...this.#open.keys()]) {
      // The answer is on its way to the handler, however long that takes: nobody is asked for it again.
      if (key in answers && (await this.#adapter?.resolvePending(this.id, key, answers[key]))) this.#open.delete(key);
    }
    this.#flushSoon();
  }

  /** Ends the wait for every open question. */
  async abandon(reason: Error): Promise<void> {
    clearImmediate(this.#flushing);
    for (const key of [...this.#open.keys()]) await this.#adapter?.rejectPending(this.id, key, reason);
  }

  once<T>(key: string, work: () => T | Promise<T>): Promise<T> {
    const known = this.#once.get(key);
    if (known) return known as Promise<T>;
    this.#working++;
    const result = Promise.resolve()
      .then(work)
      .then((value) => {
        this.#onceResults[key] = { value };
        return value;
      })
      .finally(() => this.#working--);
    this.#once.set(key, result);
    return result;
  }

  async #wait(key: string, { timeoutMs }: Question): Promise<unknown> {
    const adapter = this.#adapter;
    if (!adapter) {
      this.#flushSoon();
      // The next run answers; this one has come as far as it can.
      return new Promise(() => {});
    }
    const { promise, ready } = adapter.createPending(this.id, key, { timeoutMs: timeoutMs ?? adapter.defaultTimeoutMs });
    promise.catch(() => {});
    await ready;
    this.#flushSoon();
    return promise;
  }

  #record(key: string, question: string, answer: unknown): unknown {
    this.#answers.set(key, { question, answer });
    return answer;
  }

  /** Stable from run to run, as long as the handler asks in the same order. */
  #keyOf({ key, method }: Question): string {
    if (key !== undefined) return key;
    const kind = KIND[method];
    const count = (this.#asked.get(kind) ?? 0) + 1;
    this.#asked.set(kind, count);
    return `${kind}_${count}`;
  }

  /** Questions of one turn of the event loop leave together; work that must not be repeated is waited for. */
  #flushSoon(): void {
    clearImmediate(this.#flushing);
    this.#flushing = setImmediate(() => {
      if (this.#open.size === 0 || !this.#exchange) return;
      if (this.#working > 0) {
        void Promise.allSettled(this.#once.values()).then(() => this.#flushSoon());
        return;
      }
      void Promise.resolve(this.onQuestions(this)).then((outcome) => this.#hear(outcome));
    });
  }

  #hear(outcome: Outcome): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.settle(outcome);
  }
}
