export type { StoreObjectNamespace, StoreObjectState } from './cloudflare.interface.js';
export {
  DurableObjectStore,
  durableObjectStore,
  type DurableObjectStoreOptions,
} from './durable-object-store.js';
export { McpStoreObject } from './mcp-store-object.js';
