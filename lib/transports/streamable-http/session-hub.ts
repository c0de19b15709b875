import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { assertKeepsRecords } from '../../adapters/assert-keeps-records.js';
import { nameOfAdapter } from '../../adapters/plain-session-adapter.js';
import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import type { BusEvent, NotificationBus } from '../../adapters/notification-bus.js';
import type { ClientRequestAdapter } from '../../adapters/client-request.adapter.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import { notification, type JsonRpcNotification, type RequestId } from '../../protocol/json-rpc.js';
import { ClientRequests } from '../../conversations/client-requests.js';
import type { FormSchemas } from '../../asking/form-schemas.js';
import type { LocalSession } from '../../sessions/local-session.js';
import type { Call } from '../../calls/call.js';
import { PushedAsking } from '../../conversations/pushed-asking.js';
import { SessionState } from '../../calls/session-state.js';
import { AnnouncementHandover } from '../../sessions/announcement-handover.js';
import { Sessions } from '../../sessions/sessions.js';
import type { McpInstrumentation } from '../../telemetry/instrumentation.js';
import { Announcements } from './announcements.js';
import { outlast } from './append-lasting.js';
import { ClientSession } from './client-session.js';
import type { OpenStreams } from './open-streams.js';
import { SessionEndpoint } from './session.endpoint.js';
import { SessionStreams } from './session-streams.js';
import { standaloneStream } from './stream-id.js';
import { isChange, type ChangeEvent } from '../../subscriptions/subscription.js';
import { StreamOwners } from './stream-owners.js';
import type { SessionOptions } from './transport-seams.js';

/** What sessions are built on. */
export interface SessionSeams {
  /** Name of the server, as events on the bus carry it. */
  readonly server: string;
  readonly sessionAdapter: SessionAdapter;
  readonly clientRequestAdapter: ClientRequestAdapter | undefined;
  readonly bus: NotificationBus;
  readonly forms: FormSchemas;
  readonly openStreams: OpenStreams;
  /** Whether a caller may see a resource. */
  readonly isReadable: (uri: string, caller: Call) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  readonly instrumentation: McpInstrumentation | undefined;
}

/** The most that a closing server waits for clients to take the last that is said to them. */
const SETTLE_MS = 1_000;

/** How long a store may be away while there is something to announce. */
const ANNOUNCE_MS = 30_000;

/** Everything about the sessions of one server: puts the parts together and keeps them in step with other instances. */
export class SessionHub {
  readonly #instance = randomUUID();
  readonly #seams: SessionSeams;
  readonly #sessions: Sessions;
  readonly #streams: SessionStreams;
  readonly #owners: StreamOwners;
  readonly #clientRequests: ClientRequests | undefined;
  readonly #announcements = new Announcements<LocalSession>({
    tell: (session, text, key) => this.#announceTo(session, text, key),
    taken: (session) => this.#streams.taken(session),
  });
  readonly #handover: AnnouncementHandover;
  readonly endpoint: SessionEndpoint;
  #unsubscribe: (() => Promise<void>) | undefined;

  constructor(seams: SessionSeams, options: SessionOptions) {
    const { sessionAdapter, clientRequestAdapter, openStreams, forms, onError } = seams;
    this.#seams = seams;
    this.#sessions = new Sessions(sessionAdapter, options, {
      onError,
      onEnd: (sessionId) => this.#tellEnd(sessionId),
    });
    this.#owners = new StreamOwners(sessionAdapter, this.#instance, onError);
    this.#handover = new AnnouncementHandover({
      bus: seams.bus,
      adapter: sessionAdapter,
      instance: this.#instance,
      announce: (session, event, key) => this.#announceMissed(session, event, key),
      onError,
    });
    this.#streams = new SessionStreams(
      sessionAdapter,
      openStreams,
      onError,
      (sessionId, streamId) => this.#opened(sessionId, streamId),
      this.#owners,
      sessionAdapter.isShared && !seams.bus.isShared,
    );
    this.#clientRequests =
      clientRequestAdapter && new ClientRequests(clientRequestAdapter, seams.instrumentation);
    this.endpoint = new SessionEndpoint({
      sessions: this.#sessions,
      streams: this.#streams,
      clientRequests: this.#clientRequests,
      asking: this.#clientRequests && new PushedAsking(this.#clientRequests, forms),
      maxStreamsPerSession: options.maxStreamsPerSession,
      adoptsUnknownSessions: options.onUnknownSession === 'adopt',
      end: (sessionId, reason) => this.end(sessionId, reason),
      cancel: (sessionId, requestId, reason) => this.#cancel(sessionId, requestId, reason),
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  get questionCount(): number {
    return this.#clientRequests?.size ?? 0;
  }

  async start(): Promise<void> {
    const { sessionAdapter } = this.#seams;
    await assertKeepsRecords(sessionAdapter, nameOfAdapter(sessionAdapter));
    const { bus } = this.#seams;
    this.#unsubscribe = await (this.#handover.isPossible
      ? bus.consume(this.#instance, (event, key) => this.#receive(event, key))
      : bus.subscribe((event) => this.#receive(event)));
    await this.#owners.start();
  }

  /** Ends the connections that only wait, so that clients look for another instance. */
  stopListening(): void {
    this.#streams.close();
  }

  async close(): Promise<void> {
    try {
      await this.#unsubscribe?.();
    } finally {
      await this.#settle();
      this.#streams.stop();
      this.#handover.stop();
      await this.#owners.stop();
      this.#sessions.close();
    }
  }

  /** Waits until what calls were given up with has reached their clients, but not for clients that do not read it. */
  async #settle(): Promise<void> {
    const replies = [...this.#streams.replies];
    if (replies.length === 0) return;
    const done = new AbortController();
    const settled = Promise.all(replies.map(async (reply) => reply.settled()));
    await Promise.race([settled, delay(SETTLE_MS, undefined, { signal: done.signal })]);
    done.abort();
  }

  end(sessionId: string, reason: string): Promise<void> {
    return this.#sessions.end(sessionId, reason);
  }

  client(sessionId: string): ClientSession {
    return new ClientSession(sessionId, {
      find: () => this.#sessions.find(sessionId),
      clientRequests: this.#clientRequests,
      forms: this.#seams.forms,
      send: (text) => this.#streams.send(sessionId, text),
      end: () => this.end(sessionId, 'The server ended the session'),
    });
  }

  #cancel(sessionId: string, requestId: RequestId, reason: string): void {
    if (this.#sessions.local(sessionId)?.cancelCall(requestId, reason)) return;
    this.#publish({ type: 'request_cancelled', sessionId, requestId, reason }).catch(this.#seams.onError);
  }

  #publish(event: WithoutServer<BusEvent>): Promise<void> {
    return this.#seams.bus.publish({ ...event, server: this.#seams.server });
  }

  /** Never rejects: the session is gone, and what others hold of it ends with its log at the latest. */
  async #tellEnd(sessionId: string): Promise<void> {
    const until = Date.now() + ANNOUNCE_MS;
    const isWanted = () => Date.now() < until && !this.#streams.isStopped;
    const tell = () => this.#publish({ type: 'session_ended', sessionId });
    try {
      await tell();
    } catch (error) {
      if (!(error instanceof AdapterUnavailableError)) return this.#seams.onError(error);
      void outlast(tell, isWanted).catch(this.#seams.onError);
    }
  }

  /** Resolves when everybody knows, and the death of this instance would lose no announcement to the session. */
  async #opened(sessionId: string, streamId: string): Promise<void> {
    const session = streamId === standaloneStream(sessionId) ? this.#sessions.local(sessionId) : undefined;
    const opening = session && this.#handover.begin(session);
    const event = { type: 'stream_opened', sessionId, streamId, instance: this.#instance } as const;
    if (!session || opening === undefined) return this.#publish(event);
    try {
      await this.#publish({ ...event, opening });
      await this.#handover.take(session, opening);
    } catch (error) {
      this.#handover.leave(session);
      throw error;
    }
  }

  async #receive(event: BusEvent, key?: string): Promise<void> {
    if (event.server !== this.#seams.server) return;
    switch (event.type) {
      case 'list_changed':
      case 'resource_updated':
        return this.#announce(event, key);
      case 'request_cancelled':
        this.#sessions.local(event.sessionId)?.cancelCall(event.requestId, event.reason);
        return;
      case 'session_ended':
        return this.#sessions.forget(event.sessionId, 'The session has ended');
      case 'stream_opened': {
        const session = this.#sessions.local(event.sessionId);
        if (!session) return;
        const isHere = event.instance === this.#instance;
        this.#streams.opened(event, session, isHere);
        if (!isHere && !session.isListening) this.#handover.leave(session);
      }
    }
  }

  /** Each client hears it once: from the instance it came to last for such messages. */
  async #announce(event: ChangeEvent, key: string | undefined): Promise<void> {
    const text = textOf(event);
    // As of now: where a client goes meanwhile, it is told of what comes after that.
    const listening = [...this.#sessions.localSessions].filter(({ isListening }) => isListening);
    await Promise.all(listening.map((session) => this.#announcements.add(session, text, key)));
  }

  async #announceMissed(session: LocalSession, event: BusEvent, key: string): Promise<void> {
    if (event.server !== this.#seams.server || !isChange(event)) return;
    await this.#announceTo(session, textOf(event), key);
  }

  async #announceTo(session: LocalSession, text: string, key: string | undefined): Promise<boolean> {
    const until = Date.now() + ANNOUNCE_MS;
    const isWanted = () =>
      Date.now() < until && !this.#streams.isStopped && this.#sessions.local(session.id) === session;
    try {
      if (!(await outlast(() => this.#streams.isListening(session), isWanted))) {
        session.isListening = false;
        return false;
      }
      const said = await outlast(() => this.#textFor(session, text), isWanted);
      return said !== undefined && (await this.#streams.announce(session.id, said, isWanted, key));
    } catch (error) {
      this.#seams.onError(error);
      return false;
    }
  }

  /** What a session is told: nothing of a resource that it does not watch, or may not see any more. */
  async #textFor(session: LocalSession, text: string): Promise<string | undefined> {
    const { params } = JSON.parse(text) as JsonRpcNotification;
    const uri = params?.['uri'];
    if (typeof uri !== 'string') return text;
    const watched = await new SessionState(session.id, this.#seams.sessionAdapter).subscribedAs(uri);
    if (watched === undefined || !session.listener) return undefined;
    if (!(await this.#seams.isReadable(watched, session.listener))) return undefined;
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
