import type { JsonRpcRequest } from '../../protocol/json-rpc.js';
import type { Principal } from '../../registry/principal.js';
import { callResponse, finishResponse, writtenHeaders } from '../../calls/call-response.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { Call, Outbound } from '../../calls/call.js';
import type { CallOrigin } from '../../calls/create-call.js';
import type { Accepted } from './accept.js';
import { refuseClosing, type HttpExchange } from './http-exchange.js';
import type { InFlight } from './in-flight.js';
import type { OpenStreams } from './open-streams.js';
import { PostReply } from './post-reply.js';
import type { Reply } from './reply.js';

/** Makes the call of a request, by the rules of its era. */
export type CreateCall = (request: JsonRpcRequest, origin: CallOrigin) => Call;

/** Dependencies of every POST. */
export interface PostServices {
  readonly server: McpServer;
  readonly streams: OpenStreams;
  readonly inFlight: InFlight;
  readonly isClosing: () => boolean;
}

/** One POST on its way to an answer. */
export class PostContext {
  constructor(
    readonly exchange: HttpExchange,
    readonly accepted: Accepted,
    readonly principal: Principal | undefined,
    readonly services: PostServices,
  ) {}

  /** Refuses what a token, a body or a store kept until the server began to close: its client would not wait for it. */
  refuseWhenClosing(): boolean {
    const isClosing = this.services.isClosing();
    if (isClosing) refuseClosing(this.exchange);
    return isClosing;
  }

  /** A reply that lives and dies with its connection. */
  reply(isBatch: boolean): Reply {
    return new PostReply(this.exchange, this.accepted, this.services.streams, isBatch);
  }

  /** Runs the requests side by side and answers each; resolves when all are answered. */
  async serve(
    requests: readonly JsonRpcRequest[],
    makeReply: () => Reply,
    create: CreateCall,
  ): Promise<void> {
    // The client may have left while guards or the body took their time: no event would tell of it again.
    if (this.exchange.response.destroyed) return;
    const { server, inFlight } = this.services;
    const reply = makeReply();
    const calls = requests.map((request) => create(request, this.origin(reply)));
    for (const { request, cancellation } of calls) reply.expect(request.id, cancellation);
    const done = inFlight.add(reply);
    try {
      const [only] = calls;
      if (only && calls.length === 1) {
        const answer = await server.answer(only);
        const headers = writtenHeaders(only.http?.response);
        reply.answer(only.request.id, headers ? { ...answer, headers } : answer);
      } else
        await Promise.all(
          calls.map(async (call) => reply.answer(call.request.id, await server.answer(call))),
        );
    } finally {
      for (const { http } of calls) finishResponse(http?.response);
      done();
    }
  }

  /** Facts of a request whose messages go to `outbound`. Without it, nothing is said before the answer. */
  origin(outbound?: Outbound): CallOrigin {
    const { principal, exchange } = this;
    const { request, response } = exchange.platform;
    const { handles } = this.services.server.parts;
    return { principal, http: { request, response: callResponse(response) }, outbound, handles };
  }
}
