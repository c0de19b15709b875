import type { RedisClient } from './redis.clients.js';
import { isCluster } from './redis.clients.js';

/** Properties of a server that matter to the store. */
export interface RedisInspection {
  /** Its way to make room when its memory is full; `undefined` if it does not say. */
  readonly evictionPolicy: string | undefined;
  readonly hasShardedPubSub: boolean;
}

/** Asks a server for its version and what it does when its memory is full. Not all may be known. */
export async function inspect(client: RedisClient): Promise<RedisInspection> {
  const info = await client.info().catch(() => '');
  const major = Number(/^redis_version:(\d+)/m.exec(info)?.[1] ?? Infinity);
  return {
    evictionPolicy: /^maxmemory_policy:([\w-]+)/m.exec(info)?.[1],
    hasShardedPubSub: isCluster(client) && major >= 7,
  };
}

/** Warns of a policy that drops sessions; `undefined` if they are safe. Every key of ours has a time to live. */
export function evictionWarning(policy: string | undefined): string | undefined {
  if (policy === undefined || policy === 'noeviction') return undefined;
  return (
    `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): sessions and their events would be lost ` +
    'without notice. Set maxmemory-policy to noeviction on the Redis of MCP sessions'
  );
}
