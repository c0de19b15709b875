import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  InProcessChannel,
  InProcessNotificationBus,
  MemoryStore,
  MemoryStoreData,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { startRedis } from '../support/redis.js';

/** State that instances share, as the options by which each of them does. */
export interface SharedState {
  options(): McpModuleOptions;
  dispose(): Promise<void>;
}

/** Outlives the instances, each of which closes what it was given. */
class SharedSessions extends InMemorySessionAdapter {
  override async close(): Promise<void> {}
}

class SharedRequests extends InMemoryClientRequestAdapter {
  override async close(): Promise<void> {}
}

/** Every store that the transcripts are replayed on, by name. The first one is recorded. */
export const stores: Readonly<Record<string, () => Promise<SharedState>>> = {
  async memory() {
    const channel = new InProcessChannel();
    const [sessionAdapter, clientRequestAdapter] = [new SharedSessions(), new SharedRequests()];
    return {
      options: () => ({
        sessionAdapter,
        clientRequestAdapter,
        notificationBus: new InProcessNotificationBus(channel),
      }),
      dispose: async () => {},
    };
  },
  async store() {
    const data = new MemoryStoreData();
    return { options: () => ({ store: new MemoryStore(data) }), dispose: async () => {} };
  },
  async redis() {
    const { url, dispose } = await startRedis();
    return { options: () => ({ store: redisStore({ url }) }), dispose };
  },
};
