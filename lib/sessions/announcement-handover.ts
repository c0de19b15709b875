import type { BusEvent, MissedEvent, NotificationBus } from '../adapters/notification-bus.js';
import type { SessionAdapter } from '../adapters/session.adapter.js';
import { retryWhileUnavailable } from '../adapters/store/retry.js';
import { SerialQueue } from '../adapters/store/serial-queue.js';
import { SessionState } from '../calls/session-state.js';
import type { Session } from './session.js';

/** Dependencies of the handover of announcements. */
export interface AnnouncementHandoverDeps {
  readonly bus: NotificationBus;
  readonly adapter: SessionAdapter;
  /** Name under which this instance consumes the bus. */
  readonly instance: string;
  /** Appends the notification of an event to a session, unless its log has it under that key already. */
  announce(session: Session, event: BusEvent, key: string): Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * Responsibility for the announcements to a session: of the instance where its client opened the stream last. It is a name
 * in the state of the session, one for each opening. Who opens the stream next puts its own name there, tells what the
 * instances named before had not done yet, by their cursors in the bus, and removes their names: whether they still live does
 * not matter, as what is told twice is known by its key.
 */
export class AnnouncementHandover {
  /** Sessions that name this instance. */
  readonly #held = new WeakSet<Session>();
  readonly #queue = new SerialQueue();
  readonly #stopped = new AbortController();
  #count = 0;

  constructor(private readonly deps: AnnouncementHandoverDeps) {}

  /** True if announcements can be handed over: events are kept, and none would be sent twice. */
  get isPossible(): boolean {
    return this.deps.bus.keepsEvents && this.deps.adapter.findsAttempts;
  }

  /**
   * Begins to take a session whose client has come here.
   *
   * @returns the name of the opening, to be told to all instances before `take`; `undefined` if the session is taken already
   */
  begin(session: Session): string | undefined {
    if (!this.isPossible || this.#held.has(session)) return undefined;
    this.#held.add(session);
    return `${this.deps.instance}:${++this.#count}`;
  }

  /** Resolves when the end of this instance would lose nothing; what was missed is told in the background. */
  async take(session: Session, opening: string): Promise<void> {
    const state = new SessionState(session.id, this.deps.adapter);
    const before = await state.listeners();
    await state.setListener(opening, true);
    if (before.length === 0) return;
    const inherit = () => this.#inherit(session, state, before, opening);
    const inheriting = this.#queue.run(session.id, () =>
      retryWhileUnavailable(inherit, { signal: this.#stopped.signal }),
    );
    inheriting.catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.deps.onError(error);
    });
  }

  /** Lets go of a session whose client has gone to another instance, or that could not be taken. */
  leave(session: Session): void {
    this.#held.delete(session);
  }

  /** Ends attempts to reach a store that is away. What is not told stays with the instances that it was left by. */
  stop(): void {
    this.#stopped.abort();
  }

  async #inherit(
    session: Session,
    state: SessionState,
    openings: readonly string[],
    own: string,
  ): Promise<void> {
    const missed = new Map<string, BusEvent>();
    for (const opening of openings) {
      for (const { event, key } of await this.#missedBetween(opening, own)) missed.set(key, event);
    }
    // Where the client went meanwhile, which is known here by now, the same is done.
    if (!session.isListening) return;
    for (const [key, event] of missed) await this.deps.announce(session, event, key);
    for (const opening of openings) await state.setListener(opening, false);
  }

  /** Events that the instance of an opening has not told, from there to the opening of this instance. */
  async #missedBetween(opening: string, own: string): Promise<readonly MissedEvent[]> {
    const instance = opening.slice(0, opening.lastIndexOf(':'));
    // Announcements that are pending here are going to be sent.
    if (instance === this.deps.instance) return [];
    const missed = await this.deps.bus.missedBy(instance);
    const indexOf = (name: string) =>
      missed.findIndex(({ event }) => event.type === 'stream_opened' && event.opening === name);
    return missed.slice(indexOf(opening) + 1, Math.max(indexOf(own), 0));
  }
}
