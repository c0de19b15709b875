import type { ServerResponse } from 'node:http';
import type { StreamOpenedEvent } from '../../adapters/notification-bus.js';
import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import { EventsLostError } from '../../adapters/events-lost.error.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { EventId } from '../../adapters/stream-event.js';
import { Roster } from '../../collections/roster.js';
import type { RequestId } from '../../protocol/json-rpc.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import type { LocalSession } from '../../sessions/local-session.js';
import { appendLasting } from './append-lasting.js';
import { sendError, type HttpExchange } from './http-exchange.js';
import type { OpenStreams } from './open-streams.js';
import { StreamConnection } from './stream-connection.js';
import type { StreamOwners } from './stream-owners.js';
import { readWireId, standaloneStream, toWireId } from './stream-id.js';
import { END, isLast, messageRecord, PRIMING } from './stream-record.js';

/** The streams of sessions: where their connections are made, resumed and fed. */
export class SessionStreams {
  /** Connections opened by GET: they end at once when the server does. */
  readonly #listening = new Set<StreamConnection>();
  #isClosed = false;
  #isStopped = false;
  /** Replies whose last words may still be on their way. */
  readonly replies = new Roster<{ settled(): Promise<unknown> | undefined }>();

  constructor(
    readonly adapter: SessionAdapter,
    private readonly openStreams: OpenStreams,
    readonly onError: (error: unknown) => void,
    private readonly onOpened: (sessionId: string, streamId: string) => Promise<void>,
    readonly owners: StreamOwners,
    /** Whether other instances hear of a connection from the log alone, as no bus tells them. */
    private readonly claimsInLog: boolean,
  ) {}

  /** Bytes that may wait for a slow client. */
  get maxBufferedBytes(): number {
    return this.openStreams.maxBufferedBytes;
  }

  /** Whether the client knows that it may come back for the rest of a stream: since 2025-11-25. */
  isPollable({ meta }: LocalSession): boolean {
    return meta.protocolVersion >= '2025-11-25';
  }

  connect(session: LocalSession, streamId: string, response: ServerResponse): StreamConnection {
    const connection = new StreamConnection(response, {
      streams: this.openStreams,
      toWireId: (eventId, isLast) => toWireId(this.adapter, eventId, streamId, isLast),
      endsAtClaim: this.claimsInLog,
    });
    session.connect(streamId, connection);
    response.once('close', () => session.disconnect(streamId, connection));
    return connection;
  }

  /** The first bytes of a stream. */
  async greet(connection: StreamConnection, session: LocalSession, cursor: EventId): Promise<void> {
    if (this.isPollable(session)) await connection.prime(cursor);
    else connection.greet();
  }

  /** Resolves when an event has reached the client, or cannot as nobody is connected. */
  delivered(session: LocalSession, streamId: string, eventId: EventId): Promise<void> | void {
    return this.connection(session, streamId)?.delivered(eventId);
  }

  /** What carries a stream now, if this instance does. */
  connection(session: LocalSession, streamId: string): StreamConnection | undefined {
    const connection = session.connection(streamId);
    return connection instanceof StreamConnection ? connection : undefined;
  }

  /** Whether this instance holds a connection of the stream that a GET is for. */
  isConnected(session: LocalSession, lastEventId: string | undefined): boolean {
    const seen = lastEventId === undefined ? undefined : readWireId(this.adapter, lastEventId, session.id);
    return session.connection(seen?.streamId ?? standaloneStream(session.id)) !== undefined;
  }

  /** Puts a message on the stream that belongs to no request. */
  async send(sessionId: string, text: string): Promise<boolean> {
    const id = await this.adapter.appendEvent(sessionId, standaloneStream(sessionId), messageRecord(text));
    return id !== undefined;
  }

  /** The same for what happened by itself, so that nobody is there to say it again: tried while `isWanted`. */
  async announce(sessionId: string, text: string, isWanted: () => boolean): Promise<boolean> {
    const id = await appendLasting(
      this.adapter,
      [sessionId, standaloneStream(sessionId), messageRecord(text)],
      isWanted,
    );
    return id !== undefined;
  }

  /** When the client takes the next message of the stream that belongs to no request, if it is connected here. */
  taken(session: LocalSession): Promise<void> | undefined {
    return this.connection(session, standaloneStream(session.id))?.taken();
  }

  /** Opens the stream that belongs to no request, from now on. Takes the place of an earlier connection. */
  async listen(exchange: HttpExchange, session: LocalSession): Promise<void> {
    const streamId = standaloneStream(session.id);
    const cursor = await this.adapter.appendEvent(session.id, streamId, PRIMING);
    if (cursor === undefined) return;
    session.claim = cursor;
    const connection = await this.#accept(session, streamId, exchange.response);
    if (!connection) return;
    await this.greet(connection, session, cursor);
    await connection.follow(this.adapter, session.id, cursor);
  }

  /** Goes on with the stream that `lastEventId` belongs to, after that event. */
  async resume(exchange: HttpExchange, session: LocalSession, lastEventId: string): Promise<void> {
    const seen = readWireId(this.adapter, lastEventId, session.id);
    const missed: { readonly id: EventId; readonly record: unknown }[] = [];
    if (seen?.isLast) return this.#refuseEnded(exchange);
    const isComplete =
      seen &&
      (await this.#replay(session, seen.eventId, (id, record) => {
        missed.push({ id, record });
      }));
    if (!seen || isComplete === false) {
      return sendError(exchange, 400, invalidRequest('Last-Event-ID: what follows is not available'));
    }
    if (missed[0]?.record === END) return this.#refuseEnded(exchange);
    const hasEnded = missed.some(({ record }) => isLast(record));
    const claim = hasEnded ? undefined : await this.#claim(session, seen.streamId);
    const connection = await this.#accept(session, seen.streamId, exchange.response);
    if (!connection) return;
    connection.greet();
    for (const { id, record } of missed) {
      if (!(await connection.write(id, record))) return connection.close();
    }
    const gone = new AbortController();
    exchange.response.once('close', () => gone.abort());
    const last = missed.at(-1)?.id ?? seen.eventId;
    const onOwner = (ids: readonly RequestId[]) => connection.await(ids);
    this.owners.watch(session.id, seen.streamId, last, gone.signal, onOwner).catch(this.onError);
    await connection.follow(this.adapter, session.id, last, claim);
  }

  /** Says in the log that the client has come back to a stream here; whoever held it until then lets go of it. */
  async #claim(session: LocalSession, streamId: string): Promise<EventId | undefined> {
    if (!this.claimsInLog) return undefined;
    const claim = await this.adapter.appendEvent(session.id, streamId, PRIMING);
    if (streamId === standaloneStream(session.id)) session.claim = claim;
    return claim;
  }

  /** Whether this is still the instance that the client came to last for what belongs to no request. */
  async isListening(session: LocalSession): Promise<boolean> {
    if (!this.claimsInLog || session.claim === undefined) return true;
    let isHeld = true;
    await this.#replay(session, session.claim, (_id, record) => {
      isHeld &&= record !== PRIMING;
    });
    return isHeld;
  }

  /** An adapter may also throw what it cannot give completely. A failure that passes is none of that, and answered 503. */
  async #replay(
    { id }: LocalSession,
    after: EventId,
    write: (id: EventId, record: unknown) => void,
  ): Promise<boolean | void> {
    try {
      return await this.adapter.replay(id, after, write);
    } catch (error) {
      if (error instanceof EventsLostError) return false;
      throw error;
    }
  }

  /** Whether nothing may be tried again any more: the server is gone. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Ends the connections that wait for messages; clients may resume elsewhere. */
  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#listening]) connection.close();
  }

  /**
   * A client has come to a stream, here or elsewhere. All instances hear of it in the same order, so that at any point of
   * that order one of them has the messages that belong to no request to tell.
   */
  opened({ sessionId, streamId }: StreamOpenedEvent, session: LocalSession, isHere: boolean): void {
    if (streamId === standaloneStream(sessionId)) session.isListening = isHere;
    if (isHere) return;
    session.isElsewhere = true;
    session.connection(streamId)?.close();
  }

  /** Nothing is left to say. 405 is the one status that makes clients stop asking. */
  #refuseEnded(exchange: HttpExchange): void {
    sendError(exchange, 405, invalidRequest('The stream has ended'), { headers: { allow: 'POST, DELETE' } });
  }

  /** Others know of it before the client does: nothing that happens from then on is missed, or told twice. */
  async #accept(
    session: LocalSession,
    streamId: string,
    response: ServerResponse,
  ): Promise<StreamConnection | undefined> {
    try {
      await this.onOpened(session.id, streamId);
    } catch (error) {
      if (error instanceof AdapterUnavailableError) throw error;
      // A bus that does not work leaves this instance alone with what it knows.
      this.onError(error);
      if (streamId === standaloneStream(session.id)) session.isListening = true;
    }
    if (response.destroyed) return undefined;
    const connection = this.connect(session, streamId, response);
    this.#listening.add(connection);
    session.isElsewhere = false;
    response.once('close', () => this.#listening.delete(connection));
    if (this.#isClosed) connection.close();
    return connection;
  }
}
