import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import type { Call } from '../../calls/call.js';
import type { SubscriptionFilter } from '../../subscriptions/subscription.js';
import type { Subscriptions } from '../../subscriptions/subscriptions.js';
import { sendError, type AdmittedRequest, type HttpExchange } from './http/http-exchange.js';
import type { OpenStreams } from './http/open-streams.js';

/** Serves `subscriptions/listen`: responses that stay open and tell of changes. */
export class ListenEndpoint {
  constructor(
    readonly subscriptions: Subscriptions,
    private readonly streams: OpenStreams,
  ) {}

  /** Resolves when the client has gone or the subscription was ended. */
  async listen({ exchange, accepted }: AdmittedRequest, call: Call): Promise<void> {
    const { id } = call.request;
    if (!accepted.sse)
      return sendError(exchange, 406, invalidRequest('Accept must name text/event-stream'), { id });
    const filter = await this.#read(exchange, call);
    if (!filter || exchange.response.destroyed) return;
    if (!this.subscriptions.hasRoom(call)) {
      const full = new McpError(McpErrorCode.InternalError, 'There is no room for another subscription');
      return sendError(exchange, 503, full, { id, headers: { 'retry-after': '5' } });
    }
    const stream = this.streams.open(exchange.response, () => this.subscriptions.end(subscription));
    const closed = new Promise<void>((resolve) => exchange.response.once('close', resolve));
    const subscription = this.subscriptions.open(call, filter, stream);
    await closed;
    this.subscriptions.leave(subscription);
  }

  async #read(exchange: HttpExchange, call: Call): Promise<SubscriptionFilter | undefined> {
    const { request, era } = call;
    try {
      return await this.subscriptions.filterOf(call);
    } catch (error) {
      if (!(error instanceof McpError)) throw error;
      sendError(exchange, era.statusOf(error.code), error, { id: request.id });
      return undefined;
    }
  }
}
