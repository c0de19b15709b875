import { HeaderName, readHeader } from '../../protocol/mcp-headers.js';
import {
  isNotification,
  isRequest,
  isRequestId,
  isResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { ASSUMED_PROTOCOL_VERSION, negotiate } from '../../protocol/protocol-version.js';
import type { ClientCapabilities } from '../../protocol/types/capabilities.js';
import type { McpImplementation } from '../../protocol/types/implementation.js';
import type { AskingStrategy, Call } from '../../calls/call.js';
import { callerKey } from '../../calls/caller-key.js';
import type { ClientRequests } from '../../conversations/client-requests.js';
import { sessionCall, statelessCall, type CallOrigin } from '../../calls/create-call.js';
import type { LocalSession } from '../../sessions/local-session.js';
import { principalKey } from '../../calls/principal-key.js';
import { SessionState } from '../../calls/session-state.js';
import type { Sessions } from '../../sessions/sessions.js';
import { sendAccepted, sendError, sendJson } from './http-exchange.js';
import { serveLegacy, type LegacyPost } from './legacy.endpoint.js';
import type { PostContext } from './post-context.js';
import { SessionReply } from './session-reply.js';
import type { SessionStreams } from './session-streams.js';

/** Dependencies of the session endpoint. */
export interface SessionServices {
  readonly sessions: Sessions;
  readonly streams: SessionStreams;
  /** Absent where the server is not configured to ask. */
  readonly clientRequests: ClientRequests | undefined;
  readonly asking: AskingStrategy | undefined;
  readonly maxStreamsPerSession: number;
  readonly adoptsUnknownSessions: boolean;
  /** Ends a session on every instance. */
  end(sessionId: string, reason: string): Promise<void>;
  /** Cancels a request on whichever instance runs it. */
  cancel(sessionId: string, requestId: RequestId, reason: string): void;
}

/** Most JSON a client may say about itself in `initialize`: it is kept as long as the session. */
const MAX_CLIENT_BYTES = 16 * 1024;

/** What stands for the GET where visibility is asked about: that has no message. */
const LISTENING: JsonRpcRequest = {
  jsonrpc: '2.0',
  id: 'listening',
  method: 'resources/subscribe',
  params: {},
};

/** Serves 2025-03-26 to 2025-11-25 with sessions: each request but the first names the session it belongs to. */
export class SessionEndpoint {
  constructor(private readonly services: SessionServices) {}

  async post(context: PostContext, post: LegacyPost): Promise<void> {
    const [first] = post.messages;
    if (first && isRequest(first) && first.method === 'initialize') return this.#initialize(context, first);

    const session = await this.#admit(context);
    if (session === 'adopted') return serveLegacy(context, post);
    if (!session) return;
    if (post.isBatch && session.meta.protocolVersion !== '2025-03-26') {
      return sendError(context.exchange, 400, invalidRequest('Batches exist in 2025-03-26 only'));
    }
    for (const message of post.messages) if (isNotification(message)) this.#notified(session, message);
    const isAnswered = !post.messages.some(isResponse) || (await this.#answered(session, post));
    const requests = post.messages.filter(isRequest);
    if (requests.length > 0) return this.#serve(context, session, requests, post.isBatch);
    if (isAnswered) return sendAccepted(context.exchange);
    sendError(context.exchange, 400, invalidRequest('Nobody waits for this response'));
  }

  async get(context: PostContext): Promise<void> {
    const session = await this.#admit(context);
    if (!session || session === 'adopted') return;
    const { exchange, accepted } = context;
    if (!accepted.sse) return sendError(exchange, 406, invalidRequest('Accept must name text/event-stream'));
    const lastEventId = readHeader(exchange.request.headers, HeaderName.LastEventId);
    const { streams, maxStreamsPerSession } = this.services;
    // Taking the place of a connection makes no more of them; the old one may be dead without the server knowing.
    if (session.connectionCount >= maxStreamsPerSession && !streams.isConnected(session, lastEventId)) {
      return refuseBusy(context);
    }
    session.listener = this.#call(session, LISTENING, context.origin());
    await (lastEventId === undefined
      ? streams.listen(exchange, session)
      : streams.resume(exchange, session, lastEventId));
  }

  async delete(context: PostContext): Promise<void> {
    const session = await this.#admit(context);
    if (!session || session === 'adopted') return;
    await this.services.end(session.id, 'The client ended the session');
    context.exchange.response.writeHead(204);
    context.exchange.response.end();
  }

  /** The session a request names, or the answer that there is none. */
  async #admit(context: PostContext): Promise<LocalSession | 'adopted' | undefined> {
    const { exchange, principal } = context;
    const id = readHeader(exchange.request.headers, HeaderName.SessionId);
    if (id === undefined) {
      sendError(exchange, 400, invalidRequest('Mcp-Session-Id is required'));
      return undefined;
    }
    const caller = () => callerKey({ principal, http: exchange.platform });
    const session = await this.services.sessions.admit(id, principalKey(principal), caller);
    if (context.refuseWhenClosing()) return undefined;
    if (session) return session;
    if (this.services.adoptsUnknownSessions && principal && exchange.request.method === 'POST')
      return 'adopted';
    sendError(exchange, 404, invalidRequest('Session not found'));
    return undefined;
  }

  async #initialize(context: PostContext, request: JsonRpcRequest): Promise<void> {
    const { exchange, principal, services } = context;
    const { clientInfo, capabilities, protocolVersion } = request.params ?? {};
    if (JSON.stringify([clientInfo, capabilities]).length > MAX_CLIENT_BYTES) {
      return sendError(exchange, 400, invalidRequest('The client says too much about itself'), {
        id: request.id,
      });
    }
    // Checked, and refused if need be, where the method is answered.
    const requested = typeof protocolVersion === 'string' ? protocolVersion : '';
    const version = negotiate(requested, services.server.parts.versions) ?? ASSUMED_PROTOCOL_VERSION;
    const call = statelessCall(request, version, context.origin());
    const { text, status, isError } = await services.server.answer(call);
    if (isError) return sendJson(exchange, status, text);

    const owner = principalKey(principal);
    const session = await this.services.sessions.begin(
      {
        protocolVersion: version,
        clientInfo: clientInfo as McpImplementation,
        clientCapabilities: capabilities as ClientCapabilities,
        ...(owner !== undefined && { principal: owner }),
      },
      callerKey({ principal, http: exchange.platform }),
    );
    if (!session) {
      const full = new McpError(McpErrorCode.InternalError, 'There is no room for another session');
      return sendError(exchange, 503, full, { id: request.id, headers: { 'retry-after': '5' } });
    }
    sendJson(exchange, status, text, { [HeaderName.SessionId]: session.id });
  }

  async #serve(
    context: PostContext,
    session: LocalSession,
    requests: readonly JsonRpcRequest[],
    isBatch: boolean,
  ): Promise<void> {
    if (session.postCount >= this.services.maxStreamsPerSession) return refuseBusy(context);
    let reply: SessionReply | undefined;
    const begun = requests.filter(({ id }) =>
      session.beginCall(id, {
        cancel: (reason) => reply?.drop(id, reason),
        end: (reason) => reply?.end(id, reason),
      }),
    );
    session.postCount++;
    try {
      if (begun.length < requests.length) {
        return sendError(context.exchange, 400, invalidRequest('A request of this id is running already'));
      }
      // Not before: it may begin a stream.
      const { exchange, accepted } = context;
      const made = new SessionReply(exchange, accepted, session, this.services.streams, isBatch);
      reply = made;
      await context.serve(
        requests,
        () => made,
        (request, origin) => this.#call(session, request, origin),
      );
      const settled = made.settled();
      if (settled) await settled;
    } finally {
      session.postCount--;
      for (const { id } of begun) session.endCall(id);
      reply?.leave();
    }
  }

  #call(session: LocalSession, request: JsonRpcRequest, origin: CallOrigin): Call {
    const state = new SessionState(session.id, this.services.streams.adapter);
    return sessionCall(request, { meta: session.meta, state }, origin, this.services.asking);
  }

  #notified(session: LocalSession, { method, params }: JsonRpcNotification): void {
    const requestId = params?.['requestId'];
    if (method !== 'notifications/cancelled' || !isRequestId(requestId)) return;
    const { reason } = params ?? {};
    this.services.cancel(
      session.id,
      requestId,
      typeof reason === 'string' ? reason : 'The client cancelled the request',
    );
  }

  /** Whether a POST with responses and no requests is welcome: it is if somebody waits for one of them. */
  async #answered(session: LocalSession, { messages }: LegacyPost): Promise<boolean> {
    const responses = messages.filter(isResponse);
    const { clientRequests } = this.services;
    const taken = await Promise.all(
      responses.map(async (response) => (await clientRequests?.answer(session.id, response)) ?? false),
    );
    return responses.length < messages.length || taken.includes(true);
  }
}

function refuseBusy({ exchange }: PostContext): void {
  sendError(exchange, 429, invalidRequest('The session has too many streams'), {
    headers: { 'retry-after': '1' },
  });
}
