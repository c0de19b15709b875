import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { RequestId } from '../../protocol/json-rpc.js';
import { ClientRequestAdapter, type PendingRequest } from '../client-request.adapter.js';
import { Question, type Ending } from './question.js';
import { QuestionStore } from './question-store.js';
import type { RedisAdapterOptions } from './redis-adapter-options.interface.js';
import { RedisConnections } from './redis-connections.js';
import { RemoteQuestion } from './remote-question.js';
import { decodeEnding } from './stored-ending.js';

/**
 * Keeps questions in Redis, so that their answers may arrive at any instance. Each instance hears of answers on one
 * channel; what is answered while its connection is lost it gets when it is back.
 *
 * An answer is refused, with `false`, when the instance that asked has died: at once if its last sign of life is three
 * seconds old, within `reconnectGraceMs` before that. When Redis was away, instances have five seconds to come back.
 *
 * @publicApi
 */
@Injectable()
export class RedisClientRequestAdapter extends ClientRequestAdapter {
  override readonly defaultTimeoutMs: number;
  readonly #connections: RedisConnections;
  readonly #release: () => Promise<void>;
  readonly #graceMs: number;
  readonly #store: QuestionStore;
  readonly #waiting = new Map<string, Question>();
  readonly #byToken = new Map<string, Question>();
  /** Questions that are settled, and that Redis is to forget. */
  readonly #removals = new Set<Promise<void>>();
  #listening: Promise<() => void> | undefined;

  /** Takes the connections that other adapters use too, or how to make its own. */
  constructor(@Inject(RedisConnections) connections: RedisConnections | RedisAdapterOptions) {
    super();
    this.#connections = RedisConnections.of(connections);
    this.#release = this.#connections.retain();
    const { defaultTimeoutMs = 30_000, reconnectGraceMs = 1_000 } = this.#connections.options;
    this.defaultTimeoutMs = defaultTimeoutMs;
    this.#graceMs = reconnectGraceMs;
    this.#store = new QuestionStore(this.#connections, randomBytes(12).toString('base64url'));
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    { timeoutMs }: { readonly timeoutMs: number },
  ): PendingRequest {
    const key = keyOf(sessionId, requestId);
    const older = this.#waiting.get(key);
    if (older)
      void this.#finish(older, { reason: new Error('Another request of the same id took its place') });
    const token = randomBytes(9).toString('base64url');
    const question = new Question(sessionId, requestId, token, timeoutMs, (late) => void this.#giveUp(late));
    this.#waiting.set(key, question);
    this.#byToken.set(token, question);
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
    return this.#connections.ping();
  }

  /** Rejects every question that still waits here. */
  override async close(): Promise<void> {
    const reason = new Error('The server is shutting down');
    await Promise.all([...this.#waiting.values()].map((question) => this.#finish(question, { reason })));
    // Whoever answered looks whether the question is gone.
    await Promise.all(this.#removals);
    const leave = await this.#listening?.catch(() => undefined);
    leave?.();
    await this.#release();
  }

  /** Whoever asked last is meant. A question that Redis does not know of any more may still wait here. */
  async #end(sessionId: string | undefined, requestId: RequestId, ending: Ending): Promise<boolean> {
    const own = this.#waiting.get(keyOf(sessionId, requestId));
    const asked = await this.#find(sessionId, requestId, own, ending);
    if (asked && !asked.isOf(this.#store.asker)) return asked.end(ending, this.#graceMs);
    return own ? this.#claim(own, ending) : false;
  }

  async #find(
    sessionId: string | undefined,
    requestId: RequestId,
    own: Question | undefined,
    ending: Ending,
  ): Promise<RemoteQuestion | undefined> {
    try {
      return await RemoteQuestion.find(this.#connections, sessionId, requestId);
    } catch (error) {
      // Who gives up on a question of its own is not to be held up by Redis. An answer may be sent again.
      if (own && 'reason' in ending) return undefined;
      throw error;
    }
  }

  /** Ends a question of this instance, unless another one has answered it already. */
  async #claim(question: Question, ending: Ending): Promise<boolean> {
    if (question.isClaimed) return false;
    question.isClaimed = true;
    let given: Ending | undefined;
    try {
      given = await this.#store.take(question);
    } catch (error) {
      if ('answer' in ending) {
        question.isClaimed = false;
        throw error;
      }
    }
    const isOver = this.#byToken.get(question.token) !== question;
    void this.#finish(question, given ?? ending);
    return given === undefined && !isOver;
  }

  async #giveUp(question: Question): Promise<void> {
    const given = await this.#store.take(question).catch(() => undefined);
    if (given) question.end(given);
    else question.endLate();
    void this.#finish(question, { reason: undefined });
  }

  /** Settles a question and removes all that there is of it. */
  async #finish(question: Question, ending: Ending): Promise<void> {
    question.end(ending);
    this.#byToken.delete(question.token);
    const key = keyOf(question.sessionId, question.requestId);
    if (this.#waiting.get(key) === question) this.#waiting.delete(key);
    if (this.#waiting.size === 0) this.#store.rest();
    const removal = this.#store.remove(question);
    this.#removals.add(removal);
    await removal;
    this.#removals.delete(removal);
  }

  async #register(question: Question): Promise<void> {
    await this.#listen();
    if (this.#byToken.get(question.token) !== question) return;
    await this.#store.add(question);
    if (this.#byToken.get(question.token) !== question) await this.#store.remove(question);
  }

  #listen(): Promise<() => void> {
    this.#listening ??= this.#subscribe().catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return this.#listening;
  }

  async #subscribe(): Promise<() => void> {
    const subscriber = await this.#connections.subscriber();
    return subscriber.subscribe(this.#connections.keys.answers(this.#store.asker), {
      message: (text) => void this.#receive(text),
      gap: () => this.#catchUp(),
    });
  }

  async #receive(text: string): Promise<void> {
    const [head, token] = /^1 (\S+) /.exec(text) ?? [];
    const question = this.#byToken.get(token ?? '');
    if (head === undefined || !question) return;
    const answer = text.slice(head.length);
    const given =
      answer === '' ? await this.#store.read(question).catch(() => undefined) : decodeEnding(answer);
    if (given) await this.#finish(question, given);
  }

  /** The connection was lost and is back: whatever was answered meanwhile lies there. */
  #catchUp(): void {
    this.#store.renewLease();
    for (const question of this.#byToken.values()) void this.#check(question);
  }

  /** Looks until it could: the server that is back may still load its data, or be slow to be found. */
  async #check(question: Question): Promise<void> {
    while (this.#byToken.get(question.token) === question) {
      try {
        const given = await this.#store.check(question);
        return given && (await this.#finish(question, given));
      } catch {
        await delay(CHECK_AGAIN_MS, undefined, { ref: false });
      }
    }
  }
}

const CHECK_AGAIN_MS = 100;

/** Ids `1` and `"1"` are different requests, and no session is not the session named "undefined". */
function keyOf(sessionId: string | undefined, requestId: RequestId): string {
  return JSON.stringify([sessionId ?? null, requestId]);
}
