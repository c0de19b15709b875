import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import type { InstanceInbox } from '../adapters/store/instance-inbox.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import { InboxCall, InboxListener, type NumberedDelivery } from './inbox-channel.js';
import type {
  OnRetryEnded,
  ParkedWait,
  Place,
  Relay,
  RemoteCall,
  Retry,
  RetryEnding,
  TakeRetry,
} from './relay.js';

/** Milliseconds between two checks of the leases of instances that something is awaited from. */
const CHECK_MS = 1_000;

/** Milliseconds after which a retry without an outcome, or an outcome without an acknowledgement, is sent again. */
const REPEAT_MS = 5_000;

/** Most channels that are remembered when they have ended: messages of theirs may come again after a loss. */
const MAX_ENDED = 4_096;

/** Milliseconds that a retry may wait for room in an inbox before its client is asked to come again. */
const PATIENCE_MS = 5_000;

/** Pause before the next attempt to send, doubled with each. */
const PAUSE_MS = { first: 15, last: 500 };

/** Message from one relay to another, as JSON. */
type Message = { readonly channel: string; readonly from: string } & (
  | { readonly retry: Retry; readonly place: Place }
  | { readonly said: NumberedDelivery }
  | { readonly ended: RetryEnding }
);

interface Channel {
  readonly peer: string;
  readonly sentAt: number;
  repeat(): void;
  onPeerLost(): void;
}

/**
 * Relay through the inboxes of instances. The state that the client carries names the relay of the instance that runs the
 * call: a retry is one message, and so are each delivery, the outcome and its acknowledgement.
 *
 * A retry is repeated until its outcome has come and an outcome until it is acknowledged, so that either may get lost. The
 * channel is the idempotency key of both. Whether the other instance is gone is decided by its lease alone.
 */
export class InboxRelay implements Relay {
  readonly address: string;
  readonly #calls = new Map<string, InboxCall>();
  readonly #listeners = new Map<string, InboxListener>();
  /** How channels have ended, at either side; the newest last. */
  readonly #ended = new Map<string, RetryEnding>();
  readonly #checking = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly inbox: InstanceInbox,
    private readonly take: TakeRetry,
  ) {
    // Several servers of an application may share an adapter, and with it the inbox.
    const name = inbox.ids.next();
    this.address = `${inbox.instance} ${name}`;
    inbox.handle(name, (body) => this.#receive(JSON.parse(body) as Message));
    inbox.onGap(() => {
      for (const call of this.#calls.values()) call.repeat();
    });
  }

  /** Retries are handed over to `take`, whether something waits for them or not. */
  park(_place: Place, timeoutMs: number): ParkedWait {
    const { inbox } = this;
    let end = () => {};
    const promise = new Promise<never>((_, reject) => {
      const timer = setTimeout(
        () => {
          end();
          reject(new ClientRequestTimeoutError('The client did not answer in time'));
        },
        Math.min(timeoutMs, MAX_DELAY_MS),
      ).unref();
      let isOver = false;
      end = () => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        inbox.rest();
      };
    });
    promise.catch(() => {});
    return { promise, ready: inbox.use(), end };
  }

  call(place: Place, retry: Retry): RemoteCall {
    const { channel } = retry;
    const peer = place.at as string;
    const call: InboxCall = new InboxCall(peer, retry, {
      open: async () => {
        this.#calls.set(channel, call);
        await this.#use();
      },
      send: (content) =>
        this.#send(peer, { channel, from: this.address, retry: content, place }, PATIENCE_MS, () =>
          this.#calls.has(channel),
        ),
      ended: (ending) => {
        if (!this.#calls.delete(channel)) return;
        this.#end(channel, ending);
        if (!call.isGone) this.#tellEnding(peer, channel, ending);
      },
    });
    return call;
  }

  #receive(message: Message): void {
    if ('retry' in message) this.#receiveRetry(message);
    else if ('said' in message) this.#receiveSaid(message);
    else this.#receiveEnding(message);
  }

  #receiveRetry({ channel, from, retry, place }: Extract<Message, { retry: Retry }>): void {
    const known = this.#listeners.get(channel);
    if (known) return known.repeat();
    const ending = this.#ended.get(channel);
    if (ending === 'answered' || ending === 'left') return;
    const listener: InboxListener = new InboxListener(from, this.inbox.ids.next(), retry, {
      send: (said) =>
        this.#send(from, { channel, from: this.address, said }, Infinity, () => !listener.isOver),
      ended: (how) => {
        this.#listeners.delete(channel);
        this.#end(channel, how);
        onEnded?.(how);
      },
    });
    this.#listeners.set(channel, listener);
    // The record of the inbox is there: the retry has come through it. A renewal that fails is repeated by the heartbeat.
    this.#use().catch(() => {});
    const onEnded: OnRetryEnded | undefined = this.take(place, listener, retry.answers);
    if (!onEnded) listener.refuse();
  }

  #receiveSaid({ channel, from, said }: Extract<Message, { said: NumberedDelivery }>): void {
    const call = this.#calls.get(channel);
    if (call) {
      call.receive(said);
      return;
    }
    const { outcome, isGone } = said.delivery;
    const ending = this.#ended.get(channel) ?? 'lost';
    if (!isGone && (outcome || ending !== 'answered')) this.#tellEnding(from, channel, ending);
  }

  #receiveEnding({ channel, ended }: Extract<Message, { ended: RetryEnding }>): void {
    const listener = this.#listeners.get(channel);
    if (listener) listener.end(ended);
    // A retry that is still on its way comes for nobody.
    else if (ended === 'left') this.#remember(channel, ended);
  }

  /** A handler is to be aborted in any case. Else the other instance tells its outcome again, and is told again. */
  #tellEnding(peer: string, channel: string, ended: RetryEnding): void {
    const patienceMs = ended === 'left' ? Infinity : 0;
    this.#send(peer, { channel, from: this.address, ended }, patienceMs).catch(() => false);
  }

  /**
   * Sends until the message lies in the inbox of the other instance, or nothing wants it any more.
   *
   * @returns `false` if the other instance is gone
   * @throws AdapterUnavailableError when the store is away, or the inbox full for longer than `patienceMs`
   */
  async #send(peer: string, message: Message, patienceMs: number, isWanted = () => true): Promise<boolean> {
    const [instance = '', name = ''] = peer.split(' ');
    const id = this.inbox.ids.next();
    const body = JSON.stringify(message);
    const until = performance.now() + patienceMs;
    let pauseMs = PAUSE_MS.first;
    for (let isRepeat = false; !this.inbox.isClosed; isRepeat = true) {
      try {
        const sent = await this.inbox.send(instance, name, body, { id, isRepeat });
        if (typeof sent === 'object') return true;
        if (await this.inbox.isLost(instance)) return false;
        if (performance.now() > until) throw new AdapterUnavailableError('An inbox takes no messages');
      } catch (error) {
        if (!(error instanceof AdapterUnavailableError) || patienceMs !== Infinity) throw error;
      }
      if (!isWanted()) break;
      await delay(pauseMs, undefined, { ref: false });
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS.last);
    }
    return true;
  }

  #use(): Promise<void> {
    this.#timer ??= setInterval(() => this.#check(), CHECK_MS).unref();
    return this.inbox.use();
  }

  #end(channel: string, ending: RetryEnding): void {
    this.inbox.rest();
    this.#remember(channel, ending);
    if (this.#calls.size + this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #remember(channel: string, ending: RetryEnding): void {
    this.#ended.set(channel, ending);
    const [oldest] = this.#ended.size > MAX_ENDED ? this.#ended.keys() : [];
    if (oldest !== undefined) this.#ended.delete(oldest);
  }

  /** Repeats what is due, and checks the lease of each instance once, however much is awaited from it. */
  #check(): void {
    if (this.inbox.isClosed) return clearInterval(this.#timer);
    const channels = this.#channels();
    const due = performance.now() - REPEAT_MS;
    for (const channel of channels) if (channel.sentAt < due) channel.repeat();
    for (const instance of new Set(channels.map(instanceOf))) void this.#checkLease(instance);
  }

  async #checkLease(instance: string): Promise<void> {
    if (this.#checking.has(instance)) return;
    this.#checking.add(instance);
    try {
      if (!(await this.inbox.isLost(instance))) return;
      // Deliveries that it sent before it was gone come first.
      await this.inbox.catchUp();
      for (const channel of this.#channels()) if (instanceOf(channel) === instance) channel.onPeerLost();
    } catch {
      // A store that is away says nothing of another instance.
    } finally {
      this.#checking.delete(instance);
    }
  }

  #channels(): Channel[] {
    return [...this.#calls.values(), ...this.#listeners.values()];
  }
}

function instanceOf({ peer }: Channel): string {
  return peer.slice(0, peer.indexOf(' '));
}
