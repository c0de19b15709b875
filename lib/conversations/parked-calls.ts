import { randomUUID } from 'node:crypto';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import { SharedPlaces } from '../collections/shared-places.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import type { Call, Outcome } from '../calls/call.js';
import { callerKey } from '../calls/caller-key.js';
import { Conversation } from './conversation.js';
import { InboxRelay } from './inbox-relay.js';
import { PendingsRelay } from './pendings-relay.js';
import type {
  OnRetryEnded,
  ParkedWait,
  Place,
  Relay,
  RemoteCall,
  RemoteListener,
  Retry,
  RetryEnding,
  RetryListener,
} from './relay.js';
import { RetryLaterError } from '../calls/retry-later.error.js';
import { Round } from './round.js';

/** Dependencies and limits of parked calls. */
export interface Parking {
  readonly adapter: ClientRequestAdapter;
  readonly parkedCalls: number;
  /** Milliseconds that a call waits for its next request. */
  readonly parkTimeoutMs: number;
  /** Makes a shutdown wait for work, or give it up by calling `giveUp`. @returns what to call when the work is done */
  readonly trackWork: (giveUp: (error: JsonRpcErrorObject) => void) => () => void;
  readonly onError: (error: unknown) => void;
}

/** Conversation whose handler waits between its requests. */
export class ParkedConversation extends Conversation {
  readonly id = randomUUID();
  /** Number of requests it has been parked for. */
  round = 0;
  /** Requests that came last; `undefined` as long as only the first one has. */
  latest: Round | undefined;
  /** True while it waits for those requests to come again: none of them can be answered. */
  isHeld = false;
  /** Holder of its place. Known while the first request is there: of a connection that is gone there is no address. */
  readonly caller = callerKey(this.call);

  override get hasAsked(): boolean {
    return this.round > 0 || super.hasAsked;
  }

  /** True while a request waits for what the handler does next. */
  get isAttended(): boolean {
    return this.call.isHeard && !this.latest?.isEmpty;
  }
}

/** Gives a request its outcome; `undefined` if the call is gone. */
type SettleRetry = (outcome: Outcome | undefined) => void;

/** Running handlers that wait for the next request of their client, at whichever instance that arrives. */
export class ParkedCalls {
  readonly #parking: Parking;
  readonly #places: SharedPlaces<ParkedConversation>;
  /** Calls that a retry may come for, by id. */
  readonly #known = new Map<string, ParkedConversation>();
  readonly #parked = new Map<ParkedConversation, ParkedWait>();
  readonly #pendings: PendingsRelay;
  readonly #inbox: InboxRelay | undefined;
  /** Requests that a call may take here, by channel. */
  readonly #arrived = new Map<string, { readonly call: Call; readonly settle: SettleRetry }>();
  #isClosing = false;

  constructor(parking: Parking) {
    this.#parking = parking;
    const { adapter, parkTimeoutMs } = parking;
    this.#pendings = new PendingsRelay(adapter, parkTimeoutMs);
    this.#inbox =
      adapter.inbox && new InboxRelay(adapter.inbox, (...retry) => this.#takeFromElsewhere(...retry));
    this.#places = new SharedPlaces(parking.parkedCalls, (conversation) => {
      this.#drop(conversation, new Error('Others need the place of this call'));
    });
  }

  get size(): number {
    return this.#parked.size;
  }

  /** Questions that the clients of parked calls have been asked. */
  get questionCount(): number {
    let count = 0;
    for (const conversation of this.#parked.keys()) count += conversation.questionCount;
    return count;
  }

  /** Place where a conversation waits for its next request. */
  placeOf({ id, round }: ParkedConversation): Place {
    const place = { id, round: round + 1 };
    return this.#inbox ? { ...place, at: this.#inbox.address } : place;
  }

  /** Resolves when the next request would find the call. Throws when its caller has no room for another one. */
  async park(conversation: ParkedConversation, place: Place): Promise<void> {
    if (!this.#places.take(conversation.caller, conversation)) {
      throw new RetryLaterError('Too many calls wait for their clients; try again later');
    }
    const wait = this.#wait(conversation, place);
    try {
      await wait.ready;
    } catch (error) {
      this.#unpark(conversation);
      if (conversation.latest?.isEmpty && !conversation.latest.isOver) this.#hold(conversation);
      throw error;
    }
    this.#watch(conversation, wait);
  }

  /** Forgets a call whose handler has ended, as soon as its outcome has been heard. */
  ended(conversation: ParkedConversation): void {
    const { id, latest, isHeld } = conversation;
    if (!latest || latest.isHeard || !this.#known.has(id)) {
      this.#unpark(conversation);
      this.#forgetIfHeard(conversation);
    } else if (!isHeld) this.#hold(conversation);
  }

  /** Hands a request to the call that waits for it, and waits for the outcome; `undefined` if the call is gone. */
  async goOn(
    call: Call,
    place: Place,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<Outcome | undefined> {
    if (place.at === undefined) return this.#goOnBy(this.#pendings, call, place, answers);
    if (!this.#inbox) return undefined;
    if (place.at !== this.#inbox.address) return this.#goOnBy(this.#inbox, call, place, answers);
    return new Promise((settle) => {
      if (!this.#takeHere(call, place, answers, settle)) settle(undefined);
    });
  }

  /** Cancels the calls that no request hears of now. What is being asked at this moment is still asked. */
  close(): void {
    this.#isClosing = true;
    for (const conversation of [...this.#parked.keys()].filter(({ isAttended }) => !isAttended)) {
      this.#drop(conversation, new Error('The server is shutting down'));
    }
  }

  async #goOnBy(
    relay: Relay,
    call: Call,
    place: Place,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<Outcome | undefined> {
    const progressToken = call.progressToken() ?? null;
    const logLevel = (await call.logLevel()) ?? null;
    const channel = randomUUID();
    call.cancellation.signal.throwIfAborted();
    const remote = relay.call(place, { channel, answers, progressToken, logLevel });
    const { signal } = call.cancellation;
    const here = new Promise<Outcome | undefined>((settle) => {
      this.#arrived.set(channel, { call, settle });
    });
    const onGone = () => {
      if (this.#arrived.has(channel)) remote.end(this.#endingOfClient);
    };
    signal.addEventListener('abort', onGone);
    try {
      if (!(await remote.begin())) {
        signal.throwIfAborted();
        return undefined;
      }
      return await Promise.race([here, this.#elsewhere(remote, call, channel)]);
    } finally {
      signal.removeEventListener('abort', onGone);
      this.#arrived.delete(channel);
      remote.end('lost');
    }
  }

  /** The outcome of a call that another instance runs; `undefined` if that is gone. */
  async #elsewhere(remote: RemoteCall, call: Call, channel: string): Promise<Outcome | undefined> {
    try {
      return await remote.outcome(call);
    } catch {
      // Taken here, the call has no need of the channel.
      if (!this.#arrived.has(channel)) return new Promise(() => {});
      call.cancellation.signal.throwIfAborted();
      return undefined;
    }
  }

  /** Takes a retry that came by a pending request. */
  #receive(conversation: ParkedConversation, { channel, ...retry }: Retry): void {
    const place = { id: conversation.id, round: conversation.round };
    const arrived = this.#arrived.get(channel);
    this.#arrived.delete(channel);
    if (arrived) {
      if (!this.#takeHere(arrived.call, place, retry.answers, arrived.settle)) arrived.settle(undefined);
      return;
    }
    let onEnded: OnRetryEnded | undefined;
    const listener = this.#pendings.listener(place.id, { channel, ...retry }, (ending) => onEnded?.(ending));
    onEnded = this.#takeFromElsewhere(place, listener, retry.answers);
    if (!onEnded) listener.refuse();
  }

  /** Goes on with a request of this instance. @returns `false` if the call is gone */
  #takeHere(call: Call, place: Place, answers: Retry['answers'], settle: SettleRetry): boolean {
    const listener: RetryListener = {
      progressToken: () => call.progressToken(),
      logLevel: () => call.logLevel(),
      outbound: call.outbound,
      settle: (outcome) => {
        settle(outcome);
        this.#endRetry(place, listener, 'answered');
      },
    };
    if (!this.#take(place, listener, answers)) return false;
    const { signal } = call.cancellation;
    const onGone = () => this.#endRetry(place, listener, this.#endingOfClient);
    signal.addEventListener('abort', onGone);
    if (signal.aborted) onGone();
    return true;
  }

  /** Goes on with a request that another instance serves; a shutdown waits for it. */
  #takeFromElsewhere(
    place: Place,
    remote: RemoteListener,
    answers: Retry['answers'],
  ): OnRetryEnded | undefined {
    const listener: RetryListener = {
      progressToken: () => remote.progressToken(),
      logLevel: () => remote.logLevel(),
      outbound: remote.outbound,
      settle: async (outcome) => {
        await remote.settle(outcome);
        done();
      },
    };
    const done = this.#parking.trackWork((error) => {
      const conversation = this.#known.get(place.id);
      if (conversation) this.#drop(conversation, new Error(error.message));
      void listener.settle({ error });
    });
    if (!this.#take(place, listener, answers)) {
      done();
      return undefined;
    }
    return (ending) => {
      done();
      this.#endRetry(place, listener, ending);
    };
  }

  /** @returns `false` if the call is gone, or waits for a later request */
  #take({ id, round: number }: Place, listener: RetryListener, answers: Retry['answers']): boolean {
    const conversation = this.#known.get(id);
    if (!conversation) return false;
    const { latest } = conversation;
    if (latest?.number === number) {
      if (conversation.isHeld) this.#unpark(conversation);
      latest.add(listener);
      return true;
    }
    if (number !== conversation.round || !this.#unpark(conversation)) return false;
    const round = new Round(number);
    round.add(listener);
    conversation.latest = round;
    conversation.resume(round, (outcome) => round.settle(outcome), answers);
    return true;
  }

  #endRetry({ id }: Place, listener: RetryListener, ending: RetryEnding): void {
    const conversation = this.#known.get(id);
    const latest = conversation?.latest;
    if (!conversation || !latest?.remove(listener) || !latest.isEmpty) return;
    const isAskedAnew = latest.isOver && conversation.phase !== 'ended';
    if (ending === 'lost' && !isAskedAnew) this.#hold(conversation);
    else if (latest.isOver) this.#forgetIfHeard(conversation);
    else this.#drop(conversation, new Error('The client closed the connection'));
  }

  /** Waits for a client that got no answer to come again. */
  #hold(conversation: ParkedConversation): void {
    // What is being asked at this moment waits for its answer by itself.
    if (this.#parked.has(conversation)) return;
    if (this.#isClosing || !this.#places.take(conversation.caller, conversation)) {
      return this.#drop(conversation, new Error('The client closed the connection'));
    }
    const wait = this.#wait(conversation, { id: conversation.id, round: conversation.round });
    wait.ready.catch(() => {});
    this.#watch(conversation, wait);
    conversation.isHeld = true;
  }

  #wait(conversation: ParkedConversation, place: Place): ParkedWait {
    void this.#parked.get(conversation)?.end(new Error('Another wait took its place'));
    const wait = (this.#inbox ?? this.#pendings).park(place, this.#parking.parkTimeoutMs);
    this.#parked.set(conversation, wait);
    this.#known.set(conversation.id, conversation);
    conversation.isHeld = false;
    return wait;
  }

  #watch(conversation: ParkedConversation, wait: ParkedWait): void {
    wait.promise
      .then(
        (retry) => this.#receive(conversation, retry as Retry),
        (reason: unknown) => {
          if (this.#parked.get(conversation) === wait) this.#drop(conversation, reason as Error);
        },
      )
      .catch(this.#parking.onError);
  }

  /** Ends the wait of a call. @returns whether there was one */
  #unpark(conversation: ParkedConversation): boolean {
    const wait = this.#parked.get(conversation);
    this.#parked.delete(conversation);
    this.#places.leave(conversation);
    conversation.isHeld = false;
    void wait?.end(new Error('The call waits no longer'));
    return wait !== undefined;
  }

  #forgetIfHeard(conversation: ParkedConversation): void {
    const isHeard = conversation.latest?.isEmpty ?? true;
    if (conversation.phase === 'ended' && isHeard && !this.#parked.has(conversation)) {
      this.#known.delete(conversation.id);
    }
  }

  /** Gives a call up, whose handler is cancelled if it has not ended. */
  #drop(conversation: ParkedConversation, reason: Error): void {
    this.#unpark(conversation);
    this.#known.delete(conversation.id);
    conversation.cancel(reason);
  }

  /** Ending of a request that is aborted: a shutdown gives it up, and its client may come again. */
  get #endingOfClient(): RetryEnding {
    return this.#isClosing ? 'lost' : 'left';
  }
}
