import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import type { AppendedEntry, AppendRefusal, Store, StoreKey } from '../store.js';
import { HEARTBEAT_MS, LEASE_MS, type InstanceInbox } from './instance-inbox.js';

/** Time after an outage in which an instance may come back. */
const COMEBACK_MS = 5_000;

/** Longest wait for room in an inbox. */
const FULL_MS = 5_000;

/** Pause before the next attempt, doubled with each. */
const FIRST_PAUSE_MS = 15;
const LAST_PAUSE_MS = 250;

/** Message to another instance. */
export interface PeerMessage {
  readonly kind: string;
  readonly body: string;
  /** A record in the scope of the inbox that is removed in the same step; without it nothing is sent. */
  readonly consume?: StoreKey;
  /** Idempotency key, for messages that may be sent again. @default a new one */
  readonly id?: string;
  /** Whether an earlier attempt may have succeeded. */
  readonly isRepeat?: boolean;
}

/** Sends messages to other instances, and tells whether those live. */
export class PeerSender {
  constructor(
    private readonly store: Store,
    readonly inbox: InstanceInbox,
    private readonly graceMs: number,
  ) {}

  /**
   * @returns whether the message lies in the inbox of an instance that listened then, or gave a sign of life after it; with
   * `consume`, as the first one
   * @throws AdapterUnavailableError when the inbox stays full
   */
  async send(instance: string, message: PeerMessage): Promise<boolean> {
    const { kind, body, consume, id = this.inbox.ids.next(), isRepeat = false } = message;
    const send = (ifHeard: boolean) => {
      const options = { id, isRepeat, ifHeard, asksForSign: !ifHeard };
      const sending = consume ? { ...options, consume } : options;
      return this.#whenThere(consume, () => this.inbox.send(instance, kind, body, sending));
    };
    if (!this.store.knowsListeners && !(await this.#mayLive(instance))) return false;
    let sent = await send(true);
    if (typeof sent === 'object') return true;
    if (sent === 'gone' || !(await this.#mayLive(instance))) return false;
    // It may have lost its connection only: what lies there it takes when it is back.
    sent = await send(false);
    return typeof sent === 'object' && this.#comesBack(instance);
  }

  /** Whether an instance has not renewed its lease for so long that it is taken for dead. */
  async isLost(instance: string, afterMs: number): Promise<boolean> {
    if (this.store.steadyForMs < COMEBACK_MS) return false;
    return (await this.inbox.renewedMsAgo(instance)) >= afterMs;
  }

  /** Waits for room, and for an inbox that may have expired in an outage. */
  async #whenThere(
    marker: StoreKey | undefined,
    send: () => Promise<AppendedEntry | AppendRefusal>,
  ): Promise<AppendedEntry | AppendRefusal> {
    const begin = performance.now();
    for (let n = 0; ; n++) {
      const sent = await send();
      if (sent === 'gone' ? !(await this.#mayReturn(marker)) : sent !== 'full') return sent;
      if (sent === 'full' && performance.now() - begin > FULL_MS) {
        throw new AdapterUnavailableError('Another instance does not take its messages');
      }
      await pause(n);
    }
  }

  /** Whether the instance may write its inbox again, as it does when its connection is back, and what is sent is still open. */
  async #mayReturn(marker: StoreKey | undefined): Promise<boolean> {
    if (this.store.steadyForMs >= COMEBACK_MS) return false;
    return marker === undefined || (await this.store.read(marker, [])) !== undefined;
  }

  /** Lease of an instance that has had the time to renew it. */
  async #mayLive(instance: string): Promise<boolean> {
    return this.store.steadyForMs < COMEBACK_MS || (await this.inbox.renewedMsAgo(instance)) < LEASE_MS;
  }

  /** Whether an instance renews its lease from now on. */
  async #comesBack(instance: string): Promise<boolean> {
    const begin = performance.now();
    for (let n = 0; ; n++) {
      await pause(n);
      const waitedMs = performance.now() - begin;
      if ((await this.inbox.renewedMsAgo(instance)) < waitedMs) return true;
      const isAfterOutage = this.store.steadyForMs < COMEBACK_MS;
      if (waitedMs > HEARTBEAT_MS + this.graceMs && !isAfterOutage) return false;
    }
  }
}

async function pause(n: number): Promise<void> {
  await delay(Math.min(FIRST_PAUSE_MS * 2 ** n, LAST_PAUSE_MS), undefined, { ref: false });
}
