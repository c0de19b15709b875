export { redisAdapters, type RedisAdapters } from './redis-adapters.js';
export type {
  RedisAdapterOptions,
  RedisClientRequestAdapterOptions,
  RedisConnectionOptions,
  RedisSessionAdapterOptions,
} from './redis-adapter-options.interface.js';
export { RedisClientRequestAdapter } from './redis-client-request.adapter.js';
export { RedisConnections } from './redis-connections.js';
export { RedisNotificationBus } from './redis-notification-bus.js';
export { RedisSessionAdapter } from './redis-session.adapter.js';
export { RedisUnavailableError } from './redis-unavailable.error.js';
export { RedisStore } from './store/redis-store.js';
