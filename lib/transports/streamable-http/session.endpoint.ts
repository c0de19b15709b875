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
import type { RunningCall, Session } from '../../sessions/session.js';
import type { SessionBus } from '../../sessions/session-bus.js';
import { principalKey } from '../../calls/principal-key.js';
import { SessionState } from '../../calls/session-state.js';
import type { Sessions } from '../../sessions/sessions.js';
import {
  refuseClosing,
  sendAccepted,
  sendError,
  sendJson,
  type AdmittedRequest,
} from './http/http-exchange.js';
import { serveLegacy, type LegacyPost } from './legacy.endpoint.js';
import { originOf, type ReplyDeps } from './reply.js';
import { SessionReply } from './session-reply.js';
import type { SessionStreams } from './session-streams.js';

/** Dependencies of the session endpoint. */
export interface SessionEndpointDeps extends ReplyDeps {
  readonly sessions: Sessions;
  readonly bus: SessionBus;
  readonly sessionStreams: SessionStreams;
  /** Absent where the server is not configured to ask. */
  readonly clientRequests: ClientRequests | undefined;
  readonly asking: AskingStrategy | undefined;
  readonly maxStreamsPerSession: number;
  readonly adoptsUnknownSessions: boolean;
  readonly isClosing: () => boolean;
}

/** Most JSON a client may say about itself in `initialize`: it is kept as long as the session. */
const MAX_CLIENT_BYTES = 16 * 1024;

/** Stand-in for the message of a GET, which has none, where visibility is asked about. */
const LISTENING: JsonRpcRequest = {
  jsonrpc: '2.0',
  id: 'listening',
  method: 'resources/subscribe',
  params: {},
};

/** Serves 2025-03-26 to 2025-11-25 with sessions: each request but the first names the session it belongs to. */
export class SessionEndpoint {
  constructor(private readonly deps: SessionEndpointDeps) {}

  async post(admitted: AdmittedRequest, post: LegacyPost): Promise<void> {
    const [first] = post.messages;
    if (first && isRequest(first) && first.method === 'initialize') return this.#initialize(admitted, first);

    const session = await this.#admit(admitted);
    if (session === 'adopted') return serveLegacy(admitted, post, this.deps);
    if (!session) return;
    if (post.isBatch && session.meta.protocolVersion !== '2025-03-26') {
      return sendError(admitted.exchange, 400, invalidRequest('Batches exist in 2025-03-26 only'));
    }
    for (const message of post.messages) if (isNotification(message)) this.#notified(session, message);
    const isAnswered = !post.messages.some(isResponse) || (await this.#answered(session, post));
    const requests = post.messages.filter(isRequest);
    if (requests.length > 0) await this.#serve(admitted, session, requests, post.isBatch);
    else if (isAnswered) sendAccepted(admitted.exchange);
    else sendError(admitted.exchange, 400, invalidRequest('Nobody waits for this response'));
  }

  async get(admitted: AdmittedRequest): Promise<void> {
    const session = await this.#admit(admitted);
    if (!session || session === 'adopted') return;
    const { exchange, accepted } = admitted;
    if (!accepted.sse) return sendError(exchange, 406, invalidRequest('Accept must name text/event-stream'));
    const lastEventId = readHeader(exchange.request.headers, HeaderName.LastEventId);
    const { server, sessionStreams: streams, maxStreamsPerSession } = this.deps;
    // Taking the place of a connection makes no more of them; the old one may be dead without the server knowing.
    if (session.connectionCount >= maxStreamsPerSession && !streams.isConnected(session, lastEventId)) {
      return refuseBusy(admitted);
    }
    session.listener = () => this.#call(session, LISTENING, originOf(admitted, server));
    return lastEventId === undefined
      ? streams.listen(exchange, session)
      : streams.resume(exchange, session, lastEventId);
  }

  async delete(admitted: AdmittedRequest): Promise<void> {
    const session = await this.#admit(admitted);
    if (!session || session === 'adopted') return;
    await this.deps.sessions.end(session.id, 'The client ended the session');
    admitted.exchange.response.writeHead(204);
    admitted.exchange.response.end();
  }

  /** Finds the session that a request names, or answers that there is none. */
  async #admit(admitted: AdmittedRequest): Promise<Session | 'adopted' | undefined> {
    const { exchange, principal } = admitted;
    const id = readHeader(exchange.request.headers, HeaderName.SessionId);
    if (id === undefined) {
      sendError(exchange, 400, invalidRequest('Mcp-Session-Id is required'));
      return undefined;
    }
    const caller = () => callerKey({ principal, http: exchange.platform });
    const session = await this.deps.sessions.admit(id, principalKey(principal), caller);
    if (this.deps.isClosing()) {
      refuseClosing(exchange);
      return undefined;
    }
    if (session) return session;
    if (this.deps.adoptsUnknownSessions && principal && exchange.request.method === 'POST') return 'adopted';
    sendError(exchange, 404, invalidRequest('Session not found'));
    return undefined;
  }

  async #initialize(admitted: AdmittedRequest, request: JsonRpcRequest): Promise<void> {
    const { exchange, principal } = admitted;
    const { server } = this.deps;
    const { clientInfo, capabilities, protocolVersion } = request.params ?? {};
    if (JSON.stringify([clientInfo, capabilities]).length > MAX_CLIENT_BYTES) {
      return sendError(exchange, 400, invalidRequest('The client says too much about itself'), {
        id: request.id,
      });
    }
    // Checked, and refused if need be, where the method is answered.
    const requested = typeof protocolVersion === 'string' ? protocolVersion : '';
    const version = negotiate(requested, server.parts.versions) ?? ASSUMED_PROTOCOL_VERSION;
    const { text, status, isError } = await server.answer(
      statelessCall(request, version, originOf(admitted, server)),
    );
    if (isError) return sendJson(exchange, status, text);

    const owner = principalKey(principal);
    const session = await this.deps.sessions.begin(
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
    admitted: AdmittedRequest,
    session: Session,
    requests: readonly JsonRpcRequest[],
    isBatch: boolean,
  ): Promise<void> {
    if (session.postCount >= this.deps.maxStreamsPerSession) return refuseBusy(admitted);
    const ids = requests.map(({ id }) => id);
    const reply = new SessionReply(admitted, ids, isBatch, this.deps, session, this.deps.sessionStreams);
    const begun = ids.filter((id) => session.beginCall(new RepliedCall(id, reply)));
    session.postCount++;
    try {
      if (begun.length < ids.length) {
        return sendError(admitted.exchange, 400, invalidRequest('A request of this id is running already'));
      }
      await reply.serve(requests, (request, origin) => this.#call(session, request, origin));
      const { settled } = reply;
      if (settled) await settled;
    } finally {
      session.postCount--;
      for (const id of begun) session.endCall(id);
      reply.leave();
    }
  }

  #call(session: Session, request: JsonRpcRequest, origin: CallOrigin): Call {
    const state = new SessionState(session.id, this.deps.sessions.adapter);
    return sessionCall(request, { meta: session.meta, state }, origin, this.deps.asking);
  }

  #notified(session: Session, { method, params }: JsonRpcNotification): void {
    const requestId = params?.['requestId'];
    if (method !== 'notifications/cancelled' || !isRequestId(requestId)) return;
    const { reason } = params ?? {};
    this.deps.bus.cancel(
      session.id,
      requestId,
      typeof reason === 'string' ? reason : 'The client cancelled the request',
    );
  }

  /** Checks whether to accept a POST with responses and no requests: a caller has to wait for one of them. */
  async #answered(session: Session, { messages }: LegacyPost): Promise<boolean> {
    const responses = messages.filter(isResponse);
    const { clientRequests } = this.deps;
    const taken = await Promise.all(
      responses.map(async (response) => (await clientRequests?.answer(session.id, response)) ?? false),
    );
    return responses.length < messages.length || taken.includes(true);
  }
}

/** Call that a POST waits for. */
class RepliedCall implements RunningCall {
  constructor(
    readonly id: RequestId,
    private readonly reply: SessionReply,
  ) {}

  cancel(reason: string): void {
    this.reply.drop(this.id, reason);
  }

  end(reason: string): void {
    this.reply.end(this.id, reason);
  }
}

function refuseBusy({ exchange }: AdmittedRequest): void {
  sendError(exchange, 429, invalidRequest('The session has too many streams'), {
    headers: { 'retry-after': '1' },
  });
}
