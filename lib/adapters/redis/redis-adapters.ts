import type { RedisAdapterOptions } from './redis-adapter-options.interface.js';
import { RedisClientRequestAdapter } from './redis-client-request.adapter.js';
import { RedisConnections } from './redis-connections.js';
import { RedisNotificationBus } from './redis-notification-bus.js';
import { RedisSessionAdapter } from './redis-session.adapter.js';

/**
 * Everything that instances of a server share, for the options of `McpModule`.
 *
 * @publicApi
 */
export interface RedisAdapters {
  readonly sessionAdapter: RedisSessionAdapter;
  readonly clientRequestAdapter: RedisClientRequestAdapter;
  readonly notificationBus: RedisNotificationBus;
}

/**
 * Makes the adapters by which any instance serves any request, on connections they share:
 *
 * ```ts
 * McpModule.forRoot({ ...redisAdapters({ url: 'redis://localhost:6379' }), requestStateSecret })
 * ```
 *
 * They connect when the application starts, which fails without a Redis, and close what they opened when it ends.
 *
 * @publicApi
 */
export function redisAdapters(options: RedisAdapterOptions): RedisAdapters {
  const connections = new RedisConnections(options);
  return {
    sessionAdapter: new RedisSessionAdapter(connections),
    clientRequestAdapter: new RedisClientRequestAdapter(connections),
    notificationBus: new RedisNotificationBus(connections),
  };
}
