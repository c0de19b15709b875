import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BusEvent, NotificationBus } from '../../adapters/notification-bus.js';
import type { ClientRequestAdapter } from '../../adapters/client-request.adapter.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import { notification, type JsonRpcNotification, type RequestId } from '../../protocol/json-rpc.js';
import { ClientRequests } from '../../server/client-requests.js';
import type { FormSchemas } from '../../server/form-schemas.js';
import type { LocalSession } from '../../server/local-session.js';
import type { RequestContext } from '../../server/request-context.js';
import { SessionState } from '../../server/session-state.js';
import { Sessions } from '../../server/sessions.js';
import { outlast } from './append-lasting.js';
import { ClientSession } from './client-session.js';
import type { OpenStreams } from './open-streams.js';
import { SessionEndpoint } from './session.endpoint.js';
import { SessionStreams } from './session-streams.js';
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
  readonly isReadable: (uri: string, caller: RequestContext) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
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
  readonly endpoint: SessionEndpoint;
  /** The last update each session is told of. */
  readonly #updates = new WeakMap<LocalSession, Promise<void>>();
  #unsubscribe: (() => Promise<void>) | undefined;

  constructor(seams: SessionSeams, options: SessionOptions) {
    const { sessionAdapter, clientRequestAdapter, openStreams, forms, onError } = seams;
    this.#seams = seams;
    this.#sessions = new Sessions(sessionAdapter, options, {
      onError,
      onEnd: (sessionId) => this.#publish({ type: 'session_ended', sessionId }),
    });
    this.#owners = new StreamOwners(sessionAdapter, this.#instance, onError);
    this.#streams = new SessionStreams(
      sessionAdapter,
      openStreams,
      onError,
      (sessionId, streamId) =>
        this.#publish({ type: 'stream_opened', sessionId, streamId, instance: this.#instance }),
      this.#owners,
    );
    this.#clientRequests = clientRequestAdapter && new ClientRequests(clientRequestAdapter);
    this.endpoint = new SessionEndpoint({
      sessions: this.#sessions,
      streams: this.#streams,
      clientRequests: this.#clientRequests,
      forms,
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
    this.#unsubscribe = await this.#seams.bus.subscribe((event) => this.#receive(event));
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

  async #receive(event: BusEvent): Promise<void> {
    if (event.server !== this.#seams.server) return;
    switch (event.type) {
      case 'list_changed':
        return this.#announce(notification(`notifications/${event.list}/list_changed`, {}));
      case 'resource_updated':
        return this.#announceUpdate(event.uri);
      case 'request_cancelled':
        this.#sessions.local(event.sessionId)?.cancelCall(event.requestId, event.reason);
        return;
      case 'session_ended':
        return this.#sessions.forget(event.sessionId, 'The session has ended');
      case 'stream_opened': {
        const session = this.#sessions.local(event.sessionId);
        if (session) this.#streams.opened(event, session, event.instance === this.#instance);
      }
    }
  }

  /** Each client hears it once: from the instance it came to last for such messages. */
  async #announce(message: JsonRpcNotification): Promise<void> {
    for (const session of this.#listening) {
      await this.#announceTo(session, () => message).catch(this.#seams.onError);
    }
  }

  /** In order for each session, side by side for all: what takes long to decide for one keeps no other waiting. */
  async #announceUpdate(uri: string): Promise<void> {
    const told = this.#listening.map((session) => {
      const before = this.#updates.get(session) ?? Promise.resolve();
      const update = () => this.#announceTo(session, () => this.#updateFor(session, uri));
      const done = before.then(update).catch(this.#seams.onError);
      this.#updates.set(session, done);
      return done;
    });
    await Promise.all(told);
  }

  /** As of now: where a client goes meanwhile, it is told of what comes after that. */
  get #listening(): LocalSession[] {
    return [...this.#sessions.localSessions].filter(({ isListening }) => isListening);
  }

  /** What a session is told of an update: nothing of a resource it does not watch, or may not see any more. */
  async #updateFor(session: LocalSession, uri: string): Promise<JsonRpcNotification | undefined> {
    const watched = await new SessionState(session.id, this.#seams.sessionAdapter).subscribedAs(uri);
    if (watched === undefined || !session.listener) return undefined;
    if (!(await this.#seams.isReadable(watched, session.listener))) return undefined;
    return notification('notifications/resources/updated', { uri: watched });
  }

  async #announceTo(
    session: LocalSession,
    messageFor: () => JsonRpcNotification | undefined | Promise<JsonRpcNotification | undefined>,
  ): Promise<void> {
    const until = Date.now() + ANNOUNCE_MS;
    const isWanted = () => Date.now() < until && this.#sessions.local(session.id) === session;
    const message = await outlast(messageFor, isWanted);
    if (message) await this.#streams.announce(session.id, JSON.stringify(message), isWanted);
  }
}

type WithoutServer<E> = E extends BusEvent ? Omit<E, 'server'> : never;
