import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../postgres.js';
import type { StoreServer } from '../stores.js';

/** Statement of the connection that listens for notifications of other instances. */
const LISTENS = `query ilike 'listen %'`;

export async function startPostgresStore(): Promise<StoreServer> {
  const server = await startPostgres();
  return {
    env: { STORE: 'postgres', STORE_URL: server.url },
    stop: (signal) => server.stop(signal === 'SIGKILL' ? 'immediate' : 'fast'),
    start: () => server.start(),
    async stall(ms) {
      server.pause();
      await delay(ms);
      server.resume();
    },
    cuts: {
      commands: async () => void (await server.killBackends(`not ${LISTENS}`)),
      messages: async () => void (await server.killBackends(LISTENS)),
      everything: async () => void (await server.killBackends()),
    },
    async keys() {
      const rows = await server.query<{ scope: string; name: string; ms: string }>(
        `select scope, name, ceil(extract(epoch from expires_at - clock_timestamp()) * 1000)::text as ms
         from mcp_record where expires_at > clock_timestamp()`,
      );
      return new Map(rows.map(({ scope, name, ms }) => [`{${scope}}:${name}`, Number(ms)]));
    },
    listenedTo: async () => [],
    dispose: () => server.dispose(),
  };
}
