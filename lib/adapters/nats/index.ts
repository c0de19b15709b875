export type { NatsStoreOptions, NatsStreamOptions } from './nats-store-options.interface.js';
export { natsStore, NatsStore } from './nats-store.js';
export { setUpNats } from './nats-stream.js';
