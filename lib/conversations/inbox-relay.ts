import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import type { PeerSender } from '../adapters/store/peer-sender.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import { InboxCall, InboxListener } from './inbox-channel.js';
import {
  LOST_AFTER_MS,
  type Delivery,
  type ParkedWait,
  type Place,
  type Relay,
  type RemoteCall,
  type RemoteListener,
  type Retry,
} from './relay.js';

/** Kinds of messages: a retry, what the running side says, and the serving side's cancellation of, or doubt in, a retry. */
const RETRY = 'retry';
const SAY = 'say';
const CANCEL = 'cancel';
const CHECK = 'check';

/** Time between two looks at the leases of instances that something is awaited of. */
const LOOK_MS = 2_000;

/** Channels that are remembered when they have ended: a message of them may come again after a loss. */
const MAX_ENDED = 1_024;

/** Pause before the next attempt to reach a store that is away. */
const PAUSE_MS = { first: 50, last: 500 };

/** What the running side says on a channel, numbered. */
interface Said {
  readonly channel: string;
  readonly from: string;
  readonly number: number;
  readonly delivery: Delivery;
}

/** Retry with the place it is for. */
type AddressedRetry = Retry & { readonly place: Place };

/** End of a channel at this instance, in whichever role. */
interface Channel {
  readonly peer: string;
  /** Called when the other instance is taken for dead. */
  onLost(): void;
}

/**
 * Relay through the inboxes of instances. The state that the client carries names the instance that runs the call, so that a
 * retry is one message, and so is everything that is said of it. Instances notice each other's death by their leases.
 */
export class InboxRelay implements Relay {
  readonly address: string;
  readonly #parked = new Map<string, (retry: Retry) => void>();
  readonly #listeners = new Map<string, InboxListener>();
  readonly #calls = new Map<string, InboxCall>();
  readonly #ended = new Set<string>();
  #looking: NodeJS.Timeout | undefined;

  constructor(private readonly peers: PeerSender) {
    const { inbox } = peers;
    this.address = inbox.instance;
    inbox.handle(RETRY, (body) => this.#receiveRetry(JSON.parse(body) as AddressedRetry));
    inbox.handle(SAY, (body) => this.#receiveSaid(JSON.parse(body) as Said));
    inbox.handle(CANCEL, (channel) => this.#listeners.get(channel)?.onLost());
    inbox.handle(CHECK, (body) => this.#receiveCheck(body));
    // A message may be lost with a store that was set back: the other instance says if it knows nothing of the retry.
    inbox.onGap(() => {
      for (const call of this.#calls.values()) call.check();
    });
  }

  park(place: Place, timeoutMs: number): ParkedWait {
    const key = keyOf(place);
    const { inbox } = this.peers;
    let end = (_reason: Error) => {};
    const promise = new Promise<Retry>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        if (this.#parked.delete(key)) inbox.rest();
      };
      const timer = setTimeout(
        () => end(new ClientRequestTimeoutError('The client did not answer in time')),
        Math.min(timeoutMs, MAX_DELAY_MS),
      ).unref();
      this.#parked.set(key, (retry) => {
        stop();
        resolve(retry);
      });
      end = (reason) => {
        stop();
        reject(reason);
      };
    });
    promise.catch(() => {});
    return { promise, ready: inbox.use(), end };
  }

  call(place: Place, given: Retry): RemoteCall {
    const retry = { ...given, from: this.address };
    const peer = place.at as string;
    const { channel } = retry;
    const call: InboxCall = new InboxCall(peer, {
      begin: () => this.#begin(call, channel, { ...retry, place }),
      cancel: () => void this.#tell(peer, CANCEL, channel),
      check: () => void this.#tell(peer, CHECK, `${this.address} ${channel}`),
      end: () => {
        if (!this.#calls.delete(channel)) return;
        this.#end(channel);
        this.peers.inbox.rest();
      },
    });
    return call;
  }

  listener(_conversationId: string, retry: Retry, onLost: () => void): RemoteListener {
    const { channel, from: peer = '' } = retry;
    const listener: InboxListener = new InboxListener(peer, retry, {
      onLost,
      say: (number, delivery) =>
        this.#sendLasting(
          peer,
          SAY,
          JSON.stringify({ channel, from: this.address, number, delivery }),
          () => !this.#listeners.has(channel),
        ),
      end: () => {
        if (!this.#listeners.delete(channel)) return;
        this.#end(channel);
        this.peers.inbox.rest();
      },
    });
    this.#listeners.set(channel, listener);
    this.#use();
    return listener;
  }

  async #begin(call: InboxCall, channel: string, retry: AddressedRetry): Promise<boolean> {
    const { at } = retry.place;
    // At home no message is needed.
    if (at === this.address) return this.#take(retry);
    this.#calls.set(channel, call);
    await this.peers.inbox.use();
    this.#look();
    return this.peers.send(at as string, { kind: RETRY, body: JSON.stringify(retry) });
  }

  #take(retry: AddressedRetry): boolean {
    const resume = this.#parked.get(keyOf(retry.place));
    resume?.(retry);
    return resume !== undefined;
  }

  #receiveRetry(retry: AddressedRetry): void {
    const { channel, from = '' } = retry;
    if (this.#listeners.has(channel) || this.#ended.has(channel) || this.#take(retry)) return;
    this.#refuse(from, channel);
  }

  #receiveSaid({ channel, from, number, delivery }: Said): void {
    const call = this.#calls.get(channel);
    if (call) return call.receive(number, delivery);
    const isLast = delivery.outcome !== undefined || delivery.isGone;
    // The request that the call goes on for was given up before it could say so.
    if (!isLast && !this.#ended.has(channel)) void this.#tell(from, CANCEL, channel);
  }

  /** What was sent before has been taken by now: a retry that is not known did not arrive, or its outcome was lost. */
  #receiveCheck(body: string): void {
    const [from = '', channel = ''] = body.split(' ');
    if (!this.#listeners.has(channel)) this.#refuse(from, channel);
  }

  #refuse(peer: string, channel: string): void {
    const said: Said = {
      channel,
      from: this.address,
      number: Number.MAX_SAFE_INTEGER,
      delivery: { isGone: true },
    };
    void this.#tell(peer, SAY, JSON.stringify(said));
  }

  async #tell(peer: string, kind: string, body: string): Promise<void> {
    await this.#sendLasting(peer, kind, body, () => false).catch(() => false);
  }

  /** @returns `false` if the other instance is gone, or the store is away for too long */
  async #sendLasting(peer: string, kind: string, body: string, isOver: () => boolean): Promise<boolean> {
    const until = performance.now() + LOST_AFTER_MS;
    const id = this.peers.inbox.ids.next();
    let pauseMs = PAUSE_MS.first;
    for (let isRepeat = false; ; isRepeat = true) {
      try {
        return await this.peers.send(peer, { kind, body, id, isRepeat });
      } catch (error) {
        if (!(error instanceof AdapterUnavailableError)) throw error;
        if (isOver() || performance.now() > until) return false;
      }
      await delay(pauseMs, undefined, { ref: false });
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS.last);
    }
  }

  #use(): void {
    // The record is there: the retry has just come through it. One that fails is repeated by the heartbeat.
    this.peers.inbox.use().catch(() => {});
    this.#look();
  }

  #end(channel: string): void {
    this.#ended.add(channel);
    const [oldest] = this.#ended.size > MAX_ENDED ? this.#ended : [];
    if (oldest !== undefined) this.#ended.delete(oldest);
    if (this.#calls.size + this.#listeners.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  /** Looks at each instance once, however much is awaited of it. */
  #look(): void {
    this.#looking ??= setInterval(() => {
      const channels: Channel[] = [...this.#calls.values(), ...this.#listeners.values()];
      for (const peer of new Set(channels.map((channel) => channel.peer))) void this.#lookAt(peer);
    }, LOOK_MS).unref();
  }

  async #lookAt(peer: string): Promise<void> {
    // A store that is away says nothing of the other instance.
    if (!(await this.peers.isLost(peer, LOST_AFTER_MS).catch(() => false))) return;
    const channels: Channel[] = [...this.#calls.values(), ...this.#listeners.values()];
    for (const channel of channels) if (channel.peer === peer) channel.onLost();
  }
}

function keyOf({ id, round }: Place): string {
  return `${id} ${round}`;
}
