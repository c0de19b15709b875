import { RedisScript } from '../redis.script.js';

/**
 * Sets one key of a session's state, or removes it if no value is given.
 *
 * KEYS[1] session   KEYS[2] state
 * ARGV[1] key   ARGV[2] value, as JSON, or nothing
 *
 * Returns whether there is such a session, 1 or 0.
 */
export const writeState = new RedisScript<
  [session: string, state: string],
  [key: string, ...value: string[]],
  number
>(
  'mcpWriteState',
  2,
  `
local ttl = redis.call('PTTL', KEYS[1])
if ttl == -2 then return 0 end
if ARGV[2] then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
else
  redis.call('HDEL', KEYS[2], ARGV[1])
end
redis.call('PEXPIRE', KEYS[2], ttl)
return 1
`,
);
