import { RedisScript } from '../redis.script.js';

/**
 * Begins a session, in place of whatever had its id.
 *
 * KEYS[1] session   KEYS[2] state   KEYS[3] streams
 * ARGV[1] format of the values   ARGV[2] generation   ARGV[3] facts, as JSON   ARGV[4] milliseconds to live
 * ARGV[5] channel of the session   ARGV[6] command that publishes
 *
 * Returns the streams that an earlier session of this id had; their logs are to be removed.
 */
export const createSession = new RedisScript<
  [session: string, state: string, streams: string],
  [format: number, generation: string, facts: string, ttlMs: number, channel: string, publish: string],
  string[]
>(
  'mcpCreateSession',
  3,
  `
local streams = redis.call('ZRANGE', KEYS[3], 0, -1)
local existed = redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'v', ARGV[1], 'gen', ARGV[2], 'meta', ARGV[3], 'ttl', ARGV[4], 'seq', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if existed > 0 then redis.call(ARGV[6], ARGV[5], '') end
return streams
`,
);
