import { RedisScript } from '../redis.script.js';

/**
 * Removes a session and tells those who follow its streams.
 *
 * KEYS[1] session   KEYS[2] state   KEYS[3] streams
 * ARGV[1] channel of the session   ARGV[2] command that publishes
 *
 * Returns the streams it had; their logs are to be removed.
 */
export const deleteSession = new RedisScript<
  [session: string, state: string, streams: string],
  [channel: string, publish: string],
  string[]
>(
  'mcpDeleteSession',
  3,
  `
local streams = redis.call('ZRANGE', KEYS[3], 0, -1)
if redis.call('DEL', KEYS[1], KEYS[2], KEYS[3]) > 0 then redis.call(ARGV[2], ARGV[1], '') end
return streams
`,
);
