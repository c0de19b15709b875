import { randomUUID } from 'node:crypto';
import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import type { InputRequest } from '../protocol/input-required.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';
import type { Cancellation } from './cancellation.js';
import { digest } from './canonical-json.js';
import type { Exchange, Outcome } from './exchange.js';
import { OnceBlocks, type OnceResults } from './once-blocks.js';
import type { Question } from './question.js';
import type { Line, Memory } from './request-context.js';
import type { Answered, Asked, ConversationState } from './request-state.js';

/** What a conversation is begun or continued with. */
export interface ConversationStart {
  readonly cancellation: Cancellation;
  /** How long a question waits that does not say; `undefined` where none waits, as the next run is given the answers. */
  readonly defaultTimeoutMs: number | undefined;
  readonly answers: Readonly<Record<string, Answered>>;
  readonly once: OnceResults;
  readonly told: number;
  readonly inputResponses: Readonly<Record<string, unknown>> | undefined;
  readonly requestState: string | undefined;
}

interface OpenQuestion extends Required<Asked> {
  readonly params: Readonly<Record<string, unknown>>;
  readonly timer: NodeJS.Timeout | undefined;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Nobody is there to talk to, between one request of a conversation and the next. */
const SILENCE: Line = {
  progressToken: () => undefined,
  logLevel: () => undefined,
  outbound: { send: () => Promise.resolve(false), closeStream: () => Promise.resolve() },
};

/** The longest delay of a timer; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The questions of one run of a handler, and the request that hears of them. */
export class Conversation implements Memory {
  /** How often it has asked. */
  round = 0;
  /** Set when the handler did not ask the same as the run before. */
  divergence: McpError | undefined;
  readonly #start: ConversationStart;
  readonly #answers: Map<string, Answered>;
  readonly #open = new Map<string, OpenQuestion>();
  #id: string | undefined;
  #blocks: OnceBlocks | undefined;
  #told = 0;
  #preparing = 0;
  #exchange: Exchange | undefined;
  /** What came to an end while no request was there to hear of it. */
  #unheard: Outcome | undefined;
  #isFinished = false;
  #isSuspended = false;
  #isAsking = false;
  #isWatching = false;
  #flushing: NodeJS.Immediate | undefined;

  /** `onQuestions` makes the outcome that asks what is open; if it cannot, the handler gets its error. */
  constructor(
    start: ConversationStart,
    private readonly onQuestions: (conversation: Conversation) => Promise<Outcome>,
  ) {
    this.#start = start;
    this.#answers = new Map(Object.entries(start.answers));
  }

  get id(): string {
    return (this.#id ??= randomUUID());
  }

  get blocks(): OnceBlocks {
    return (this.#blocks ??= new OnceBlocks(this.#start.once));
  }

  get inputResponses(): Readonly<Record<string, unknown>> | undefined {
    return this.#start.inputResponses;
  }

  get requestState(): string | undefined {
    return this.#start.requestState;
  }

  get isConversation(): boolean {
    return this.round > 0 || this.#answers.size > 0 || this.#start.requestState !== undefined;
  }

  get line(): Line {
    return this.#exchange ?? SILENCE;
  }

  /** Whether a request waits for what comes next. */
  get isHeard(): boolean {
    return this.#exchange !== undefined;
  }

  get questionCount(): number {
    return this.#open.size;
  }

  /** The questions that wait for an answer, by key. */
  get inputRequests(): Readonly<Record<string, InputRequest>> {
    return Object.fromEntries([...this.#open].map(([key, { method, params }]) => [key, { method, params }]));
  }

  /** What a later run would have to know. */
  get state(): Required<Pick<ConversationState, 'asked' | 'answers' | 'once' | 'told'>> {
    return {
      asked: Object.fromEntries(
        [...this.#open].map(([key, { method, question }]) => [key, { method, question }]),
      ),
      answers: Object.fromEntries([...this.#answers].filter(([, { question }]) => question !== undefined)),
      once: this.blocks.results,
      told: Math.max(this.#told, this.#start.told),
    };
  }

  /** Counts a message of the handler; tells whether the run before has sent it. */
  isToldAgain(): boolean {
    return ++this.#told <= this.#start.told;
  }

  /** Takes the request that hears of what comes next; of what nobody has heard yet, at once. */
  attach(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.#unheard) this.#hear(this.#unheard);
  }

  /** The handler has come to an end. Returns whether a request was there to hear of it. */
  finish(outcome: Outcome): boolean {
    this.#isFinished = true;
    this.#takeOpen();
    const { isHeard } = this;
    if (!isHeard) this.#unheard = outcome;
    this.#hear(outcome);
    return isHeard;
  }

  /** Tells the handler that nobody wants its result. */
  cancel(reason: Error): void {
    if (!this.#isFinished) this.#start.cancellation.cancel(reason.message);
  }

  /** This run has come as far as it can: the next one goes on. */
  suspend(): void {
    this.#isSuspended = true;
    this.blocks.close();
    this.#start.cancellation.cancel('The call goes on in the next request');
  }

  /** Ends the wait for every open question. */
  abandon(reason: unknown): void {
    if (this.#isSuspended) return;
    for (const { reject } of this.#takeOpen()) reject(reason);
  }

  async ask(asked: Question): Promise<unknown> {
    if (this.#isSuspended) return new Promise(() => {});
    const { key, method, params } = asked;
    const question = digest([method, params]);
    const known = this.#answers.get(key);
    if (known?.question !== undefined && known.question !== question)
      throw (this.divergence ??= diverged(key));
    const answer = known ? known.answer : await this.#wait(asked, question);
    this.#answers.set(key, { question, answer });
    // What the handler makes of it is not what a later run is to be given.
    return JSON.parse(JSON.stringify(answer)) as unknown;
  }

  /** Lets questions leave together although one of them takes a moment to put. */
  async prepare<T>(work: Promise<T>): Promise<T> {
    this.#preparing++;
    try {
      return await work;
    } finally {
      this.#preparing--;
      this.#flushSoon();
    }
  }

  /** Answers what is open. Asks again what has got no answer. */
  answer(answers: Readonly<Record<string, unknown>>): void {
    for (const [key, { timer, resolve }] of [...this.#open]) {
      if (!Object.hasOwn(answers, key)) continue;
      this.#open.delete(key);
      clearTimeout(timer);
      resolve(answers[key]);
    }
    this.#flushSoon();
  }

  async #wait({ key, method, params, timeoutMs, retries }: Question, question: string): Promise<unknown> {
    const { cancellation, defaultTimeoutMs } = this.#start;
    cancellation.signal.throwIfAborted();
    this.#watch();
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
      this.#open.set(key, { method, params, question, timer, resolve, reject });
    });
  }

  /** Leaves nothing open. */
  #takeOpen(): OpenQuestion[] {
    clearImmediate(this.#flushing);
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { timer } of open) clearTimeout(timer);
    return open;
  }

  /** A handler that waits for a question hears of its cancellation at once. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const { signal } = this.#start.cancellation;
    signal.addEventListener('abort', () => this.abandon(signal.reason));
  }

  /** Questions of one turn of the event loop leave together. */
  #flushSoon(): void {
    clearImmediate(this.#flushing);
    this.#flushing = setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    if (this.#open.size === 0 || !this.#exchange || this.#preparing > 0 || this.#isAsking) return;
    if (this.blocks.isRunning) {
      // A later run must find what these did.
      await this.blocks.settled();
      return this.#flushSoon();
    }
    this.#isAsking = true;
    try {
      this.#hear(await this.onQuestions(this));
    } catch (error) {
      this.abandon(error);
    } finally {
      this.#isAsking = false;
    }
  }

  #hear(outcome: Outcome): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    void exchange?.settle(outcome);
  }
}

function diverged(key: string): McpError {
  const message = `The question "${key}" is not the one that was answered: the handler does not ask the same when it runs again`;
  return new McpError(McpErrorCode.InternalError, message);
}
