import { RedisScript } from '../redis.script.js';

/**
 * Sets and removes some fields of a record with a log.
 *
 * KEYS[1] record
 * ARGV[1] new version   ARGV[2] channel   ARGV[3] command that publishes
 * ARGV[4...] names, each followed by = and the value, or by nothing
 *
 * Returns 1 if it was done, also by an earlier attempt; 0 without a record.
 */
export const assignFields = new RedisScript<
  [record: string],
  [version: string, channel: string, publish: string, ...patch: string[]],
  0 | 1
>(
  'mcpAssignFields',
  1,
  `
local old = redis.call('HGET', KEYS[1], '@v')
if not old then return 0 end
if old == ARGV[1] then return 1 end
redis.call('HSET', KEYS[1], '@v', ARGV[1])
for i = 4, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], string.sub(ARGV[i + 1], 2))
  end
end
redis.call(ARGV[3], ARGV[2], 'c')
return 1
`,
);
