import type { BusEvent, NotificationBus } from '../../adapters/notification-bus.js';
import { SharedPlaces } from '../../collections/shared-places.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { callerKey } from '../../server/caller-key.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { Call } from '../../server/call.js';
import { sendError } from './http-exchange.js';
import type { OpenStreams } from './open-streams.js';
import type { PostContext } from './post-context.js';
import { isChange, readFilter, Subscription, type SubscriptionFilter } from './subscriptions.js';

/** What subscriptions are served with. */
export interface ListenServices {
  /** Name of the server, as events on the bus carry it. */
  readonly name: string;
  readonly server: McpServer;
  readonly bus: NotificationBus;
  readonly streams: OpenStreams;
  readonly maxSubscriptions: number;
  readonly onError: (error: unknown) => void;
}

/** Serves `subscriptions/listen`: responses that stay open and tell of changes. */
export class ListenEndpoint {
  readonly #open: SharedPlaces<Subscription>;
  #unsubscribe: (() => Promise<void>) | undefined;

  constructor(private readonly services: ListenServices) {
    this.#open = new SharedPlaces(services.maxSubscriptions, (subscription) => this.#end(subscription));
  }

  get size(): number {
    return this.#open.size;
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.services.bus.subscribe((event) => this.#receive(event));
  }

  /** Resolves when the client has gone or `close` was called. */
  async listen({ exchange, accepted }: PostContext, call: Call): Promise<void> {
    const { id } = call.request;
    if (!accepted.sse)
      return sendError(exchange, 406, invalidRequest('Accept must name text/event-stream'), { id });
    const filter = this.#read(exchange, call);
    if (!filter || exchange.response.destroyed) return;
    const caller = callerKey(call);
    if (!this.#open.hasRoom(caller)) {
      const full = new McpError(McpErrorCode.InternalError, 'There is no room for another subscription');
      return sendError(exchange, 503, full, { id, headers: { 'retry-after': '5' } });
    }
    const stream = this.services.streams.open(exchange.response, () => this.#end(subscription));
    const subscription: Subscription = new Subscription(call, filter, stream);
    const closed = new Promise<void>((resolve) => exchange.response.once('close', resolve));
    subscription.acknowledge();
    this.#open.take(caller, subscription);
    await closed;
    this.#open.leave(subscription);
  }

  /** Ends every subscription, telling its client so. */
  async close(): Promise<void> {
    for (const subscription of this.#open.items()) this.#end(subscription);
    await this.#unsubscribe?.();
  }

  #end(subscription: Subscription): void {
    subscription.end(subscription.call.era.complete({}, this.services.server.parts.serverInfo));
  }

  #read(exchange: PostContext['exchange'], { request, era }: Call): SubscriptionFilter | undefined {
    try {
      return readFilter(request.params?.['notifications']);
    } catch (error) {
      if (!(error instanceof McpError)) throw error;
      sendError(exchange, era.statusOf(error.code), error, { id: request.id });
      return undefined;
    }
  }

  async #receive(event: BusEvent): Promise<void> {
    if (event.server !== this.services.name || !isChange(event)) return;
    const concerned = [...this.#open.items()].filter((subscription) => subscription.concerns(event));
    // Side by side: what takes long to decide for one caller is not what others wait for.
    await Promise.all(
      concerned.map(async (subscription) => {
        if (event.type === 'resource_updated' && !(await this.#isReadable(event.uri, subscription))) return;
        subscription.tell(event);
      }),
    );
  }

  /** A caller hears nothing of a resource it may not see. */
  async #isReadable(uri: string, { call }: Subscription): Promise<boolean> {
    try {
      return await this.services.server.isReadable(uri, call);
    } catch (error) {
      this.services.onError(error);
      return false;
    }
  }
}
