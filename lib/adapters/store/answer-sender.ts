import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import type { Store, StoreKey } from '../store.js';
import type { InstanceInbox } from './instance-inbox.js';
import { encodeEnding, type Ending } from './stored-ending.js';

/** How long after an outage an asking instance has to come back. */
const COMEBACK_MS = 5_000;

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
    const begin = performance.now();
    for (let n = 0; ; n++) {
      const sent = await this.inbox.send(instance, kind, body, {
        ...{ id, isRepeat: n > 0, consume: marker, ifHeard: true },
      });
      if (sent === 'gone') return false;
      if (typeof sent === 'object') return true;
      const waitedMs = performance.now() - begin;
      if (sent === 'full' && waitedMs > FULL_MS) {
        throw new AdapterUnavailableError('The instance that asked does not take its messages');
      }
      if (sent === 'unheard' && !(await this.#mayComeBack(instance, waitedMs))) return false;
      await delay(Math.min(FIRST_PAUSE_MS * 2 ** n, LAST_PAUSE_MS), undefined, { ref: false });
    }
  }

  /** Whether an instance that does not listen has merely lost its connection. */
  async #mayComeBack(instance: string, waitedMs: number): Promise<boolean> {
    const isAfterOutage = this.store.steadyForMs < COMEBACK_MS;
    if (isAfterOutage) return true;
    return waitedMs < this.graceMs && (await this.inbox.isAlive(instance));
  }
}
