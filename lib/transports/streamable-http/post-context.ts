import type { Principal } from '../../registry/principal.js';
import { Cancellation } from '../../server/cancellation.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { RequestContext } from '../../server/request-context.js';
import type { Accepted } from './accept.js';
import type { HttpExchange } from './http-exchange.js';
import type { InFlight } from './in-flight.js';
import type { OpenStreams } from './open-streams.js';
import { PostReply } from './post-reply.js';

/** What an endpoint knows of a request; the rest comes from the POST it arrived in. */
export type PostCall = Omit<RequestContext, 'principal' | 'http' | 'cancellation' | 'outbound'>;

/** What every POST is served with. */
export interface PostServices {
  readonly server: McpServer;
  readonly streams: OpenStreams;
  readonly inFlight: InFlight;
}

/** One POST on its way to an answer. */
export class PostContext {
  constructor(
    readonly exchange: HttpExchange,
    private readonly accepted: Accepted,
    private readonly principal: Principal | undefined,
    private readonly services: PostServices,
  ) {}

  /** Runs the requests side by side and answers each; resolves when all are answered. */
  async serve(calls: readonly PostCall[], isBatch: boolean): Promise<void> {
    const { server, streams, inFlight } = this.services;
    const reply = new PostReply(this.exchange, this.accepted, streams, isBatch);
    const contexts = calls.map((call) => this.#context(call, reply));
    for (const { request, cancellation } of contexts) reply.expect(request.id, cancellation);
    const done = inFlight.add(reply);
    try {
      await Promise.all(
        contexts.map(async (context) => reply.answer(context.request.id, await server.answer(context))),
      );
    } finally {
      done();
    }
  }

  #context(call: PostCall, outbound: PostReply): RequestContext {
    const { principal, exchange } = this;
    return { ...call, principal, http: exchange.platform, cancellation: new Cancellation(), outbound };
  }
}
