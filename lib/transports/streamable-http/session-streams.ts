import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { EventId } from '../../adapters/stream-event.js';
import { Bag } from '../../collections/bag.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import type { Session } from '../../sessions/session.js';
import type { SessionBus } from '../../sessions/session-bus.js';
import { END, isLast, messagesOf, PRIMING, StreamLog } from '../../sessions/stream-log.js';
import type { StreamOwners } from '../../sessions/stream-owners.js';
import { sendError, type HttpExchange } from './http/http-exchange.js';
import type { OpenStreams } from './http/open-streams.js';
import { SessionStream } from './session-stream.js';

/** Longest wait of a closing server for clients to take the last that is said to them. */
const SETTLE_MS = 1_000;

/** Streams of sessions: opened and resumed by GET, connected to the POSTs that they answer. */
export class SessionStreams {
  /** Replies whose last words may still be on their way. */
  readonly replies = new Bag<{ readonly settled: Promise<unknown> | undefined }>();
  #isClosed = false;

  constructor(
    readonly adapter: SessionAdapter,
    private readonly openStreams: OpenStreams,
    private readonly bus: SessionBus,
    readonly owners: StreamOwners,
    readonly onError: (error: unknown) => void,
  ) {}

  /** True once the server is gone: no more retries. */
  get isStopped(): boolean {
    return this.bus.isStopped;
  }

  /** Carries a stream over a response, from now on. */
  connect(session: Session, log: StreamLog, response: ServerResponse): SessionStream {
    return new SessionStream(response, this.openStreams, session, log);
  }

  /** Checks whether this instance holds a connection of the stream that a GET is for. */
  isConnected(session: Session, lastEventId: string | undefined): boolean {
    const seen =
      lastEventId === undefined ? undefined : StreamLog.find(this.adapter, session.id, lastEventId);
    return session.connection(seen?.log.streamId) !== undefined;
  }

  /** Opens the stream that belongs to no request, from now on. Takes the place of an earlier connection. */
  async listen(exchange: HttpExchange, session: Session): Promise<void> {
    const log = StreamLog.standalone(this.adapter, session.id);
    const cursor = await log.append(PRIMING);
    // It has ended since the request was let in.
    if (cursor === undefined) return sendError(exchange, 404, invalidRequest('Session not found'));
    session.claim = cursor;
    const stream = await this.#accept(session, log, exchange.response);
    if (!stream) return;
    await stream.greet(cursor);
    return this.follow(stream, cursor);
  }

  /** Follows a stream from where it was opened here. */
  follow(stream: SessionStream, cursor: EventId): Promise<void> {
    return stream.follow(cursor, this.bus.claimsInLog ? cursor : undefined);
  }

  /** Goes on with the stream that `lastEventId` belongs to, after that event. */
  async resume(exchange: HttpExchange, session: Session, lastEventId: string): Promise<void> {
    const seen = StreamLog.find(this.adapter, session.id, lastEventId);
    if (seen?.isLast) return refuseEnded(exchange);
    const missed: { readonly id: EventId; readonly record: unknown }[] = [];
    const isComplete = await seen?.log.replay(seen.eventId, (id, record) => {
      missed.push({ id, record });
    });
    const isPartThere = !seen?.seenCount || seen.seenCount < messagesOf(missed[0]?.record).length;
    if (!seen || isComplete === false || !isPartThere) {
      return sendError(exchange, 400, invalidRequest('Last-Event-ID: what follows is not available'));
    }
    if (missed[0]?.record === END) return refuseEnded(exchange);
    const { log, eventId, seenCount } = seen;
    const hasEnded = missed.some(({ record }) => isLast(record));
    const claim = hasEnded ? undefined : await this.bus.claim(session, log);
    const stream = await this.#accept(session, log, exchange.response);
    if (!stream) return;
    stream.keepAlive();
    stream.resume(eventId, seenCount);
    for (const { id, record } of missed) {
      const writing = stream.write(id, record);
      // Of a thousand events, awaiting each would be a fifth.
      if (!(typeof writing === 'boolean' ? writing : await writing)) return stream.close();
    }
    const last = missed.at(-1)?.id ?? eventId;
    this.owners.watch(log, last, stream.signal, (ids) => stream.await(ids)).catch(this.onError);
    return stream.follow(last, claim);
  }

  /** Ends the connections that GETs have opened; clients may resume elsewhere. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.openStreams) {
      if (stream instanceof SessionStream && stream.isListening) stream.close();
    }
  }

  /** Waits until what calls were given up with has reached their clients, but not for clients that do not read it. */
  async settle(): Promise<void> {
    const replies = [...this.replies];
    if (replies.length === 0) return;
    const done = new AbortController();
    const settled = Promise.all(replies.map(async (reply) => reply.settled));
    await Promise.race([settled, delay(SETTLE_MS, undefined, { signal: done.signal })]);
    done.abort();
  }

  /** Others know of it before the client does: nothing that happens from then on is missed, or told twice. */
  async #accept(
    session: Session,
    log: StreamLog,
    response: ServerResponse,
  ): Promise<SessionStream | undefined> {
    try {
      await this.bus.streamOpened(log);
    } catch (error) {
      if (error instanceof AdapterUnavailableError) throw error;
      // A bus that does not work leaves this instance alone with what it knows.
      this.onError(error);
      if (log.isStandalone) session.isListening = true;
    }
    if (response.destroyed) return undefined;
    const stream = this.connect(session, log, response);
    stream.isListening = true;
    session.isElsewhere = false;
    if (this.#isClosed) stream.close();
    return stream;
  }
}

/** Ends a GET for a stream with nothing left to deliver. 405 is the one status that makes clients stop asking. */
function refuseEnded(exchange: HttpExchange): void {
  sendError(exchange, 405, invalidRequest('The stream has ended'), { headers: { allow: 'POST, DELETE' } });
}
