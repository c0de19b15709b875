export { redisStore, RedisStore } from './redis-store.js';
export type { RedisStoreOptions } from './redis-store-options.interface.js';
export { RedisUnavailableError } from './redis-unavailable.error.js';
