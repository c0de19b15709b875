import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import type { AppendedEntry, AppendRefusal, Store, StoreKey } from '../store.js';
import { COMEBACK_MS, LEASE_MS, type InstanceInbox } from './instance-inbox.js';
import { encodeEnding, type Ending } from './stored-ending.js';

/** How long to wait for room in an inbox. */
const FULL_MS = 5_000;

/** Before the next attempt; each one takes twice as long as the one before. */
const FIRST_PAUSE_MS = 15;
const LAST_PAUSE_MS = 250;

/** Sends the endings of questions to the instances that asked them. */
export class AnswerSender {
  constructor(
    private readonly store: Store,
    private readonly inbox: InstanceInbox,
    private readonly graceMs: number,
  ) {}

  /**
   * @returns whether this was the first ending of the question and it lies in the inbox of an instance that listened
   * then, or gave a sign of life after it
   * @throws AdapterUnavailableError when the inbox stays full
   */
  async send(
    instance: string,
    kind: string,
    token: string,
    marker: StoreKey,
    ending: Ending,
  ): Promise<boolean> {
    const id = this.inbox.ids.next();
    const body = `${token} ${encodeEnding(ending)}`;
    let sentAt = 0;
    const send = (ifHeard: boolean) => {
      const options = { id, consume: marker, ifHeard, asksForSign: !ifHeard };
      return this.#whenThere(marker, () => {
        sentAt = performance.now();
        return this.inbox.send(instance, kind, body, options);
      });
    };
    if (!this.store.knowsListeners && !(await this.#mayLive(instance))) return false;
    let sent = await send(true);
    if (typeof sent === 'object') return true;
    if (sent === 'gone' || !(await this.#mayLive(instance))) return false;
    // It may have lost its connection only: what lies there it takes when it is back.
    sent = await send(false);
    return typeof sent === 'object' && this.#comesBack(instance, sentAt);
  }

  /** Waits for room, and for an inbox that may have expired in an outage. */
  async #whenThere(
    marker: StoreKey,
    send: () => Promise<AppendedEntry | AppendRefusal>,
  ): Promise<AppendedEntry | AppendRefusal> {
    const begin = performance.now();
    for (let n = 0; ; n++) {
      const sent = await send();
      if (sent === 'gone' ? !(await this.#mayReturn(marker)) : sent !== 'full') return sent;
      if (sent === 'full' && performance.now() - begin > FULL_MS) {
        throw new AdapterUnavailableError('The instance that asked does not take its messages');
      }
      await pause(n);
    }
  }

  /** Checks whether a question is open whose instance may write its inbox again, as it does after a reconnect. */
  async #mayReturn(marker: StoreKey): Promise<boolean> {
    return this.store.steadyForMs < COMEBACK_MS && (await this.store.read(marker, [])) !== undefined;
  }

  /** Not judged by its lease while it may not have had the time to renew it. */
  async #mayLive(instance: string): Promise<boolean> {
    return this.store.steadyForMs < COMEBACK_MS || (await this.inbox.renewedMsAgo(instance)) < LEASE_MS;
  }

  /**
   * Checks whether an instance renews its lease after the moment at which a message was sent to it. It may have done so before
   * the sender knows that the message lies there, and then never again: an instance that waits for nothing has no heartbeat.
   */
  async #comesBack(instance: string, sentAt: number): Promise<boolean> {
    for (let n = 0; ; n++) {
      await pause(n);
      const waitedMs = performance.now() - sentAt;
      if ((await this.inbox.renewedMsAgo(instance)) < waitedMs) return true;
      const isAfterOutage = this.store.steadyForMs < COMEBACK_MS;
      if (waitedMs > LEASE_MS + this.graceMs && !isAfterOutage) return false;
    }
  }
}

async function pause(n: number): Promise<void> {
  await delay(Math.min(FIRST_PAUSE_MS * 2 ** n, LAST_PAUSE_MS), undefined, { ref: false });
}
