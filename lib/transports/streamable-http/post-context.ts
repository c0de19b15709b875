import type { JsonRpcRequest } from '../../protocol/json-rpc.js';
import type { Principal } from '../../registry/principal.js';
import { callResponse, finishResponse, writtenHeaders } from '../../server/call-response.js';
import { Cancellation } from '../../server/cancellation.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { Outbound, RequestContext } from '../../server/request-context.js';
import type { Accepted } from './accept.js';
import { refuseClosing, type HttpExchange } from './http-exchange.js';
import type { InFlight } from './in-flight.js';
import type { OpenStreams } from './open-streams.js';
import { PostReply } from './post-reply.js';
import type { Reply } from './reply.js';

/** For requests that say nothing before their answer. */
export const NOWHERE: Outbound = { send: () => Promise.resolve(false), closeStream: () => Promise.resolve() };

/** What every request of a POST has in common. */
export type Common = Pick<RequestContext, 'principal' | 'http' | 'cancellation' | 'outbound' | 'handles'>;

/** Completes what is known of a request, by the rules of its era. */
export type Complete = (request: JsonRpcRequest, common: Common) => RequestContext;

/** What every POST is served with. */
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

  /** Refuses what a token, a body or a store kept until the server began to close: nobody would wait for it any more. */
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
    complete: Complete,
  ): Promise<void> {
    // The client may have left while guards or the body kept us waiting: nobody would tell us again.
    if (this.exchange.response.destroyed) return;
    const { server, inFlight } = this.services;
    const reply = makeReply();
    const calls = requests.map((request) => complete(request, this.common(reply)));
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

  /** What is known of a request whose messages go to `outbound`. */
  common(outbound: Outbound): Common {
    const { principal, exchange } = this;
    const { request, response } = exchange.platform;
    return {
      principal,
      http: { request, response: callResponse(response) },
      cancellation: new Cancellation(),
      outbound,
      handles: this.services.server.parts.handles,
    };
  }
}
