import { AdapterUnavailableError } from './adapter-unavailable.error.js';
import { EventsLostError } from './events-lost.error.js';
import { SessionAdapter, type AppendAttempt, type SessionData, type SessionMeta } from './session.adapter.js';
import type { EventId } from './stream-event.js';

type MaybePromise<T> = T | Promise<T>;

/**
 * An adapter written elsewhere: the seven methods of `SessionAdapter` and no more, synchronous if it likes. The module
 * takes it as it is and adds the rest.
 *
 * @publicApi
 */
export interface PlainSessionAdapter {
  /** True if other processes may use the same store. @default true */
  readonly isShared?: boolean;
  generateSessionId(): string;
  create(id: string, meta: SessionMeta): unknown;
  has(id: string): MaybePromise<boolean>;
  get(id: string): MaybePromise<SessionData | undefined>;
  appendEvent(
    id: string,
    streamId: string,
    message: unknown,
    attempt?: AppendAttempt,
  ): MaybePromise<EventId | undefined>;
  replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): MaybePromise<boolean | void>;
  delete(id: string): MaybePromise<unknown>;
}

/** The class that the application gave, by name. */
export function nameOfAdapter(adapter: SessionAdapter): string {
  const given = adapter instanceof CompletedSessionAdapter ? adapter.plain : adapter;
  return given.constructor.name;
}

/** Gives a plain adapter the optional capabilities, by their defaults. Others are returned as they are. */
export function asSessionAdapter(given: SessionAdapter | PlainSessionAdapter): SessionAdapter {
  return given instanceof SessionAdapter ? given : new CompletedSessionAdapter(given);
}

class CompletedSessionAdapter extends SessionAdapter {
  override readonly isShared: boolean;

  constructor(readonly plain: PlainSessionAdapter) {
    super();
    this.isShared = plain.isShared ?? true;
  }

  override generateSessionId(): string {
    return this.plain.generateSessionId();
  }

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    await this.plain.create(id, meta);
    return { meta };
  }

  override async has(id: string): Promise<boolean> {
    return this.plain.has(id);
  }

  override async get(id: string): Promise<SessionData | undefined> {
    return this.plain.get(id);
  }

  override async appendEvent(
    ...given: Parameters<SessionAdapter['appendEvent']>
  ): Promise<EventId | undefined> {
    return this.plain.appendEvent(...given);
  }

  /**
   * An adapter that knows no `false` throws for an id it cannot read. That is told from a store that fails by asking it
   * for the session: one that fails at this, too, says nothing of the events.
   */
  override async replay(
    ...[id, lastEventId, write]: Parameters<SessionAdapter['replay']>
  ): Promise<boolean | void> {
    let isWriting = false;
    try {
      return await this.plain.replay(id, lastEventId, async (eventId, message) => {
        isWriting = true;
        await write(eventId, message);
        isWriting = false;
      });
    } catch (error) {
      if (isWriting || error instanceof AdapterUnavailableError) throw error;
      if (error instanceof EventsLostError || (await this.#works(id))) return false;
      throw error;
    }
  }

  async #works(id: string): Promise<boolean> {
    return Promise.resolve()
      .then(() => this.plain.has(id))
      .then(
        () => true,
        () => false,
      );
  }

  override async delete(id: string): Promise<void> {
    await this.plain.delete(id);
  }

  override async close(): Promise<void> {
    await (this.plain as { close?(): unknown }).close?.();
  }
}
