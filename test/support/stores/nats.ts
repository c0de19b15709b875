import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { startNats } from '../nats.js';
import type { StoreServer } from '../stores.js';

const STREAM = 'MCP';
const SCOPES = 'mcp.s.';

export async function startNatsStore(): Promise<StoreServer> {
  const server = await startNats();
  return {
    env: { STORE: 'nats', STORE_URL: server.url },
    stop: (signal) => server.stop(signal),
    start: () => server.start(),
    async stall(ms) {
      server.pause();
      await delay(ms);
      server.resume();
    },
    // The server ends no single connection.
    cuts: {},
    async keys() {
      const connection = await connect({ servers: server.url, reconnect: false });
      try {
        const manager = await jetstreamManager(connection);
        const { state } = await manager.streams.info(STREAM, { subjects_filter: `${SCOPES}*` });
        const keys = new Map<string, number>();
        for (const subject of Object.keys(state.subjects ?? {})) {
          // A record that was removed meanwhile has no message.
          const newest = await manager.streams
            .getMessage(STREAM, { last_by_subj: subject })
            .catch(() => null);
          const until = newest?.header.get('Mcp-Until');
          const remainingMs = Number(until || Infinity) - Date.now();
          const key = `{${subject.slice(SCOPES.length)}}`;
          // Expired records are removed by a sweep, later.
          if (newest && remainingMs > 0) keys.set(key, Number.isFinite(remainingMs) ? remainingMs : -1);
        }
        return keys;
      } finally {
        await connection.close();
      }
    },
    listenedTo: async () => [],
    dispose: () => server.dispose(),
  };
}
