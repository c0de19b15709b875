import { randomUUID } from 'node:crypto';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import type { BusEvent, NotificationBus } from '../adapters/notification-bus.js';
import type { SessionAdapter } from '../adapters/session.adapter.js';
import { retryWhileUnavailable } from '../adapters/store/retry.js';
import type { EventId } from '../adapters/stream-event.js';
import type { Call } from '../calls/call.js';
import { SessionState } from '../calls/session-state.js';
import { notification, type JsonRpcNotification, type RequestId } from '../protocol/json-rpc.js';
import { isChange, type ChangeEvent } from '../subscriptions/subscription.js';
import { AnnouncementHandover } from './announcement-handover.js';
import { Announcements } from './announcements.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';
import { messageRecord, PRIMING, standaloneStream, StreamLog } from './stream-log.js';

/** Dependencies of the bus of sessions. */
export interface SessionBusDeps {
  /** Name of the server, as events carry it. */
  readonly server: string;
  readonly bus: NotificationBus;
  readonly adapter: SessionAdapter;
  readonly sessions: Sessions;
  /** Checks whether a caller may see a resource. */
  readonly isReadable: (uri: string, caller: Call) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** Longest outage of a store that an announcement outlasts. */
const ANNOUNCE_MS = 30_000;

/** Keeps the sessions of all instances in step, and tells their clients of changes. */
export class SessionBus {
  readonly instance = randomUUID();
  /** True if other instances learn of a connection from the log alone, as no bus tells them. */
  readonly claimsInLog: boolean;
  readonly #announcements = new Announcements<Session>({
    tell: (session, text, key) => this.#tell(session, text, key),
    taken: (session) => session.connection()?.taken(),
  });
  readonly #handover: AnnouncementHandover;
  #isStopped = false;
  #unsubscribe: (() => Promise<void>) | undefined;

  constructor(private readonly deps: SessionBusDeps) {
    const { bus, adapter, onError } = deps;
    this.claimsInLog = adapter.isShared && !bus.isShared;
    this.#handover = new AnnouncementHandover({
      bus,
      adapter,
      instance: this.instance,
      announce: async (session, event, key) => {
        if (event.server === deps.server && isChange(event)) await this.#tell(session, textOf(event), key);
      },
      onError,
    });
  }

  /** True once the server is gone: nothing may be retried any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  async start(): Promise<void> {
    const { bus } = this.deps;
    this.#unsubscribe ??= await (this.#handover.isPossible
      ? bus.consume(this.instance, (event, key) => this.#receive(event, key))
      : bus.subscribe((event) => this.#receive(event)));
  }

  async unsubscribe(): Promise<void> {
    await this.#unsubscribe?.();
  }

  /** Ends attempts to reach a store that is away. */
  stop(): void {
    this.#isStopped = true;
    this.#handover.stop();
  }

  /**
   * Announces to the other instances that a session has ended. Never rejects: the session is gone, and what others hold of
   * it ends with its log at the latest.
   */
  async sessionEnded(sessionId: string): Promise<void> {
    const { onError } = this.deps;
    const tell = () => this.#publish({ type: 'session_ended', sessionId });
    try {
      await tell();
    } catch (error) {
      if (!(error instanceof AdapterUnavailableError)) return onError(error);
      const until = Date.now() + ANNOUNCE_MS;
      const isWanted = () => Date.now() < until && !this.#isStopped;
      void retryWhileUnavailable(tell, { isWanted }).catch(onError);
    }
  }

  /**
   * Announces to all instances that a client has come to a stream here. They hear of it in the same order, so that at any
   * point of that order one of them is responsible for the messages that belong to no request. Resolves when all know, and
   * the death of this instance would lose no announcement to the session.
   */
  async streamOpened({ sessionId, streamId, isStandalone }: StreamLog): Promise<void> {
    const session = isStandalone ? this.deps.sessions.local(sessionId) : undefined;
    const event = { type: 'stream_opened', sessionId, streamId, instance: this.instance } as const;
    const opening = session && this.#handover.begin(session);
    if (!session || opening === undefined) return this.#publish(event);
    try {
      await this.#publish({ ...event, opening });
      await this.#handover.take(session, opening);
    } catch (error) {
      this.#handover.leave(session);
      throw error;
    }
  }

  /** Cancels a request on whichever instance runs it. */
  cancel(sessionId: string, requestId: RequestId, reason: string): void {
    if (this.deps.sessions.local(sessionId)?.cancelCall(requestId, reason)) return;
    this.#publish({ type: 'request_cancelled', sessionId, requestId, reason }).catch(this.deps.onError);
  }

  /** Records in the log that the client has come back to a stream here: the instance that held it until then lets go of it. */
  async claim(session: Session, log: StreamLog): Promise<EventId | undefined> {
    if (!this.claimsInLog) return undefined;
    const claim = await log.append(PRIMING);
    if (log.isStandalone) session.claim = claim;
    return claim;
  }

  #publish(event: WithoutServer<BusEvent>): Promise<void> {
    return this.deps.bus.publish({ ...event, server: this.deps.server });
  }

  async #receive(event: BusEvent, key?: string): Promise<void> {
    const { server, sessions } = this.deps;
    if (event.server !== server) return;
    switch (event.type) {
      case 'list_changed':
      case 'resource_updated':
        return this.#announce(event, key);
      case 'request_cancelled':
        sessions.local(event.sessionId)?.cancelCall(event.requestId, event.reason);
        return;
      case 'session_ended':
        return sessions.forget(event.sessionId, 'The session has ended');
      case 'stream_opened': {
        const session = sessions.local(event.sessionId);
        if (session) this.#opened(session, event.streamId, event.instance === this.instance);
      }
    }
  }

  #opened(session: Session, streamId: string, isHere: boolean): void {
    if (streamId === standaloneStream(session.id)) session.isListening = isHere;
    if (isHere) return;
    session.isElsewhere = true;
    session.connection(streamId)?.close();
    if (!session.isListening) this.#handover.leave(session);
  }

  /** Each client hears it once: from the instance it came to last for such messages. */
  async #announce(event: ChangeEvent, key: string | undefined): Promise<void> {
    const text = textOf(event);
    // As of now: where a client goes meanwhile, it is told of what comes after that.
    const listening = [...this.deps.sessions.localSessions].filter(({ isListening }) => isListening);
    await Promise.all(listening.map((session) => this.#announcements.add(session, text, key)));
  }

  async #tell(session: Session, text: string, key: string | undefined): Promise<boolean> {
    const { adapter, sessions, onError } = this.deps;
    const until = Date.now() + ANNOUNCE_MS;
    const isWanted = () => Date.now() < until && !this.#isStopped && sessions.local(session.id) === session;
    const log = StreamLog.standalone(adapter, session.id);
    try {
      if (!(await retryWhileUnavailable(() => this.#isHeld(session, log), { isWanted }))) {
        session.isListening = false;
        return false;
      }
      const said = await retryWhileUnavailable(() => this.#textFor(session, text), { isWanted });
      if (said === undefined) return false;
      return (await log.appendWithRetry(messageRecord(said), isWanted, key)) !== undefined;
    } catch (error) {
      onError(error);
      return false;
    }
  }

  /** Checks whether this is still the instance at which the client last opened the stream that belongs to no request. */
  async #isHeld({ claim }: Session, log: StreamLog): Promise<boolean> {
    if (!this.claimsInLog || claim === undefined) return true;
    let isHeld = true;
    await log.replay(claim, (_id, record) => {
      isHeld &&= record !== PRIMING;
    });
    return isHeld;
  }

  /** Text for one session: none of a resource that it does not watch, or may not see any more. */
  async #textFor({ id, listener }: Session, text: string): Promise<string | undefined> {
    const { params } = JSON.parse(text) as JsonRpcNotification;
    const uri = params?.['uri'];
    if (typeof uri !== 'string') return text;
    const watched = await new SessionState(id, this.deps.adapter).subscribedAs(uri);
    if (watched === undefined || !listener) return undefined;
    if (!(await this.deps.isReadable(watched, listener()))) return undefined;
    return JSON.stringify(notification('notifications/resources/updated', { uri: watched }));
  }
}

function textOf(event: ChangeEvent): string {
  const message =
    event.type === 'list_changed'
      ? notification(`notifications/${event.list}/list_changed`, {})
      : notification('notifications/resources/updated', { uri: event.uri });
  return JSON.stringify(message);
}

type WithoutServer<E> = E extends BusEvent ? Omit<E, 'server'> : never;
