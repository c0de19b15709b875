import type { RequestId } from '../../protocol/json-rpc.js';
import { ClientRequestAdapter, type PendingRequest } from '../client-request.adapter.js';
import type { Store, StoreKey } from '../store.js';
import { AnswerSender } from './answer-sender.js';
import { InstanceInbox } from './instance-inbox.js';
import { retryWhileUnavailable } from './retry.js';
import { SerialQueue } from './serial-queue.js';
import { StoreKeys } from './store-keys.js';
import { decodeEnding, type Ending } from './stored-ending.js';
import { WaitingQuestion } from './waiting-question.js';

/** Milliseconds a question is stored longer than it waits: the instance that asked removes it. */
const MARGIN_MS = 5_000;

/** Kind of message that answers are. */
const ANSWER = 'answer';

/**
 * How long questions wait.
 *
 * @publicApi
 */
export interface StoreClientRequestAdapterOptions {
  /** Name of the server: questions of another one on the same store are unknown. @default '' */
  readonly server?: string;
  /** Milliseconds a question waits when the caller does not say. @default 30000 */
  readonly defaultTimeoutMs?: number;
  /**
   * Milliseconds an answer waits for an asking instance that has lost its connection but seems to live, before the
   * answer is refused.
   * @default 1000
   */
  readonly reconnectGraceMs?: number;
}

/**
 * Keeps questions in a `Store`, so that their answers may arrive at any instance. A question is a marker beside the inbox
 * of the instance that asks and a pointer to it; an answer is appended to that inbox and consumes the marker in one step.
 * So exactly one answer wins, and that one is delivered if the instance lives.
 *
 * @publicApi
 */
export class StoreClientRequestAdapter extends ClientRequestAdapter {
  override readonly isShared: boolean;
  override readonly defaultTimeoutMs: number;
  readonly #keys: StoreKeys;
  readonly #inbox: InstanceInbox;
  readonly #sender: AnswerSender;
  readonly #waiting = new Map<string, WaitingQuestion>();
  readonly #byToken = new Map<string, WaitingQuestion>();
  /** Questions that are settled, and that the store is to forget. */
  readonly #removals = new Set<Promise<void>>();
  readonly #registrations = new SerialQueue();
  readonly #closed = new AbortController();

  /** Uses a store that the caller closes. */
  constructor(
    private readonly store: Store,
    {
      server = '',
      defaultTimeoutMs = 30_000,
      reconnectGraceMs = 1_000,
    }: StoreClientRequestAdapterOptions = {},
  ) {
    super();
    if (!(defaultTimeoutMs > 0)) {
      throw new RangeError(
        `StoreClientRequestAdapter: defaultTimeoutMs must be positive, not ${defaultTimeoutMs}`,
      );
    }
    this.isShared = store.isShared;
    this.defaultTimeoutMs = defaultTimeoutMs;
    this.#keys = new StoreKeys(server);
    this.#inbox = new InstanceInbox(store, this.#keys);
    this.#inbox.handle(ANSWER, (body) => this.#receive(body));
    this.#inbox.onGap(() => void this.#restore());
    this.#sender = new AnswerSender(store, this.#inbox, reconnectGraceMs);
  }

  /** @internal */
  override get inbox(): InstanceInbox {
    return this.#inbox;
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    { timeoutMs }: { readonly timeoutMs: number },
  ): PendingRequest {
    const name = nameOf(sessionId, requestId);
    const older = this.#waiting.get(name);
    if (older) this.#finish(older, { reason: new Error('Another request of the same id took its place') });
    const question = new WaitingQuestion(sessionId, requestId, timeoutMs, (late) => void this.#giveUp(late));
    this.#waiting.set(name, question);
    this.#byToken.set(question.token, question);
    const ready = this.#register(question);
    ready.catch((reason: unknown) => this.#finish(question, { reason }));
    return { promise: question.promise, ready };
  }

  override resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): Promise<boolean> {
    return this.#end(sessionId, requestId, { answer: response });
  }

  override rejectPending(
    sessionId: string | undefined,
    requestId: RequestId,
    reason: unknown,
  ): Promise<boolean> {
    return this.#end(sessionId, requestId, { reason });
  }

  override ping(): Promise<void> {
    return this.store.ping();
  }

  /** Rejects every question that still waits here. */
  override async close(): Promise<void> {
    this.#closed.abort();
    const reason = new Error('The server is shutting down');
    for (const question of [...this.#waiting.values()]) this.#finish(question, { reason });
    await Promise.all(this.#removals);
    await this.#inbox.close();
  }

  /** The one who asked last is meant. A question that the store does not know any more may still wait here. */
  async #end(sessionId: string | undefined, requestId: RequestId, ending: Ending): Promise<boolean> {
    const own = this.#waiting.get(nameOf(sessionId, requestId));
    const pointer = await this.#findPointer(sessionId, requestId, own, ending);
    const { instance, token } = pointer ?? {};
    if (instance !== undefined && token !== undefined && instance !== this.#inbox.instance) {
      const marker = this.#keys.marker(instance, token);
      return this.#sender.send(instance, ANSWER, token, marker, ending);
    }
    return own ? this.#claim(own, ending) : false;
  }

  async #findPointer(
    sessionId: string | undefined,
    requestId: RequestId,
    own: WaitingQuestion | undefined,
    ending: Ending,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    const key = this.#keys.pointer(sessionId, requestId);
    try {
      if (own?.pointerVersion !== undefined) {
        const taken = await this.store.remove(key, { ifVersion: own.pointerVersion });
        if (taken) {
          own.pointerVersion = undefined;
          return taken;
        }
      }
      return (await this.store.read(key))?.fields;
    } catch (error) {
      // An instance that gives up its own question does not wait for the store. An answer may be sent again.
      if (own && 'reason' in ending) return undefined;
      throw error;
    }
  }

  /** Ends a question of this instance, unless another one has answered it already. */
  async #claim(question: WaitingQuestion, ending: Ending): Promise<boolean> {
    if (question.isClaimed || question.isOver) return false;
    question.isClaimed = true;
    try {
      if (await this.#isAnsweredElsewhere(question)) return false;
    } catch (error) {
      if ('answer' in ending) {
        question.isClaimed = false;
        throw error;
      }
    }
    if (question.isOver) return false;
    this.#finish(question, ending);
    return true;
  }

  /** Consumes the marker. If that was done before, the answer lies in the inbox; if it is not there, the store lost it. */
  async #isAnsweredElsewhere(question: WaitingQuestion): Promise<boolean> {
    const isMine = (await this.store.remove(this.#marker(question))) !== undefined;
    question.hasMarker = false;
    if (isMine) return false;
    await this.#inbox.catchUp();
    return question.isOver;
  }

  async #giveUp(question: WaitingQuestion): Promise<void> {
    const isAnswered = await this.#isAnsweredElsewhere(question).catch(() => false);
    if (isAnswered) return;
    question.endLate();
    this.#finish(question, { reason: undefined });
  }

  #receive(body: string): void {
    const separator = body.indexOf(' ');
    const question = this.#byToken.get(body.slice(0, separator));
    if (!question) return;
    question.hasMarker = false;
    this.#finish(question, decodeEnding(body.slice(separator + 1)));
  }

  /** Settles a question and removes all that there is of it. */
  #finish(question: WaitingQuestion, ending: Ending): void {
    question.end(ending);
    if (!this.#byToken.delete(question.token)) return;
    this.#inbox.rest();
    const name = nameOf(question.sessionId, question.requestId);
    if (this.#waiting.get(name) === question) this.#waiting.delete(name);
    this.#remove(question);
  }

  /** Removes a question in the background. Records that cannot be removed expire. */
  #remove(question: WaitingQuestion): void {
    const removal = this.#removeAll(question).finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  async #removeAll(question: WaitingQuestion): Promise<void> {
    const { hasMarker, pointerVersion, sessionId, requestId } = question;
    const pointer = this.#keys.pointer(sessionId, requestId);
    await Promise.allSettled([
      hasMarker && this.store.remove(this.#marker(question)),
      pointerVersion !== undefined && this.store.remove(pointer, { ifVersion: pointerVersion }),
    ]);
  }

  async #register(question: WaitingQuestion): Promise<void> {
    await this.#inbox.use();
    // One at a time: of two that ask the same, the later one is to be found.
    await this.#registrations.run(nameOf(question.sessionId, question.requestId), async () => {
      if (question.isOver) return;
      await this.#write(question);
      if (question.isOver) await this.#removeAll(question);
    });
  }

  async #write(question: WaitingQuestion): Promise<void> {
    const { token, sessionId, requestId } = question;
    const ttlMs = question.remainingMs + MARGIN_MS;
    const pointer = { instance: this.#inbox.instance, token };
    const [, version] = await Promise.all([
      this.store.write(this.#marker(question), {}, { ttlMs }),
      this.store.write(this.#keys.pointer(sessionId, requestId), pointer, { ttlMs }),
    ]);
    question.hasMarker = true;
    question.pointerVersion = version;
  }

  /** Writes again what the store may have lost, once it is known which questions still wait. */
  async #restore(): Promise<void> {
    const { signal } = this.#closed;
    const restoreAll = async () => {
      await this.#inbox.catchUp();
      for (const question of this.#byToken.values()) await this.#restoreOne(question);
    };
    await retryWhileUnavailable(restoreAll, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #restoreOne(question: WaitingQuestion): Promise<void> {
    if (!question.hasMarker || question.isClaimed || question.isOver) return;
    const { token, sessionId, requestId } = question;
    const missing = { ttlMs: question.remainingMs + MARGIN_MS, ifVersion: null };
    const pointer = { instance: this.#inbox.instance, token };
    await this.store.write(this.#marker(question), {}, missing);
    const version = await this.store.write(this.#keys.pointer(sessionId, requestId), pointer, missing);
    question.pointerVersion = version ?? question.pointerVersion;
    if (question.isOver) await this.#removeAll(question);
  }

  #marker({ token }: WaitingQuestion): StoreKey {
    return this.#keys.marker(this.#inbox.instance, token);
  }
}

/** Ids `1` and `"1"` are different requests, and no session is not the session named "undefined". */
function nameOf(sessionId: string | undefined, requestId: RequestId): string {
  return JSON.stringify([sessionId ?? null, requestId]);
}
