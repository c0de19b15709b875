import { randomUUID } from 'node:crypto';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import type { Call, Outcome } from '../calls/call.js';
import { InboxRelay } from './inbox-relay.js';
import type { ParkedConversation } from './parked-conversation.js';
import { ParkedWaits } from './parked-waits.js';
import { PendingsRelay } from './pendings-relay.js';
import type {
  OnRetryEnded,
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

/** Gives a request its outcome; `undefined` if the call is gone. */
type SettleRetry = (outcome: Outcome | undefined) => void;

/** Running handlers that wait for the next request of their client, at whichever instance that arrives. */
export class ParkedCalls {
  /** Calls that a retry may come for, by id. */
  readonly #known = new Map<string, ParkedConversation>();
  readonly #waits: ParkedWaits;
  readonly #pendings: PendingsRelay;
  readonly #inbox: InboxRelay | undefined;
  /** Requests that a call may take here, by channel. */
  readonly #arrived = new Map<string, { readonly call: Call; readonly settle: SettleRetry }>();
  #isClosing = false;

  constructor(private readonly parking: Parking) {
    const { adapter, parkedCalls, parkTimeoutMs, onError } = parking;
    this.#pendings = new PendingsRelay(adapter, parkTimeoutMs);
    this.#inbox =
      adapter.inbox && new InboxRelay(adapter.inbox, (...retry) => this.#takeFromElsewhere(...retry));
    this.#waits = new ParkedWaits({
      relay: this.#inbox ?? this.#pendings,
      parkedCalls,
      parkTimeoutMs,
      onRetry: (...retry) => this.#receive(...retry),
      onOver: (...over) => this.#drop(...over),
      onError,
    });
  }

  get size(): number {
    return this.#waits.size;
  }

  /** Questions that the clients of parked calls have been asked. */
  get questionCount(): number {
    return this.#waits.conversations().reduce((sum, { questionCount }) => sum + questionCount, 0);
  }

  /** Place where a conversation waits for its next request. */
  placeOf({ id, round }: ParkedConversation): Place {
    const place = { id, round: round + 1 };
    return this.#inbox ? { ...place, at: this.#inbox.address } : place;
  }

  /** Resolves when the next request would find the call. Throws when its caller has no room for another one. */
  async park(conversation: ParkedConversation, place: Place): Promise<void> {
    const ready = this.#waits.begin(conversation, place);
    if (!ready) throw new RetryLaterError('Too many calls wait for their clients; try again later');
    this.#known.set(conversation.id, conversation);
    try {
      await ready;
    } catch (error) {
      this.#waits.end(conversation);
      if (conversation.latest?.isEmpty && !conversation.latest.isOver) this.#hold(conversation);
      throw error;
    }
  }

  /** Forgets a call whose handler has ended, as soon as its outcome has been heard. */
  ended(conversation: ParkedConversation): void {
    const { id, latest, isHeld } = conversation;
    if (!latest || latest.isHeard || !this.#known.has(id)) {
      this.#waits.end(conversation);
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
    for (const conversation of this.#waits.conversations().filter(({ isAttended }) => !isAttended)) {
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
    const { cancellation } = call;
    cancellation.throwIfCancelled();
    const remote = relay.call(place, { channel, answers, progressToken, logLevel });
    const here = new Promise<Outcome | undefined>((settle) => {
      this.#arrived.set(channel, { call, settle });
    });
    const stopListening = cancellation.onCancel(() => {
      if (this.#arrived.has(channel)) remote.end(this.#endingOfClient);
    });
    try {
      if (!(await remote.begin())) {
        cancellation.throwIfCancelled();
        return undefined;
      }
      return await Promise.race([here, this.#elsewhere(remote, call, channel)]);
    } finally {
      stopListening();
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
      call.cancellation.throwIfCancelled();
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
    const listener = this.#pendings.listener(place.id, { channel, ...retry }, (ending) => onEnded?.(ending));
    const onEnded: OnRetryEnded | undefined = this.#takeFromElsewhere(place, listener, retry.answers);
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
    call.cancellation.onCancel(() => this.#endRetry(place, listener, this.#endingOfClient));
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
    const done = this.parking.trackWork((error) => {
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
      if (conversation.isHeld) this.#waits.end(conversation);
      latest.add(listener);
      return true;
    }
    if (number !== conversation.round || !this.#waits.end(conversation)) return false;
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
    // A call that asks at this moment has a wait already.
    if (this.#waits.has(conversation)) return;
    if (this.#isClosing || !this.#waits.hold(conversation)) {
      this.#drop(conversation, new Error('The client closed the connection'));
    }
  }

  #forgetIfHeard(conversation: ParkedConversation): void {
    const isHeard = conversation.latest?.isEmpty ?? true;
    if (conversation.phase === 'ended' && isHeard && !this.#waits.has(conversation)) {
      this.#known.delete(conversation.id);
    }
  }

  /** Gives a call up, whose handler is cancelled if it has not ended. */
  #drop(conversation: ParkedConversation, reason: Error): void {
    this.#waits.end(conversation);
    this.#known.delete(conversation.id);
    conversation.cancel(reason);
  }

  /** Ending of a request that is aborted: a shutdown gives it up, and its client may come again. */
  get #endingOfClient(): RetryEnding {
    return this.#isClosing ? 'lost' : 'left';
  }
}
