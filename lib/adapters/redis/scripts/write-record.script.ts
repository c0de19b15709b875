import { RedisScript } from '../redis.script.js';

/**
 * Writes a record with a log.
 *
 * KEYS[1] record   KEYS[2] log   KEYS[3] tails
 * ARGV[1] new version   ARGV[2] milliseconds to live   ARGV[3] * to replace, - if there is none, = and a version
 * ARGV[4] channel   ARGV[5] command that publishes   ARGV[6...] names and values of the fields
 *
 * Returns 1 if it was written, also by an earlier attempt.
 */
export const writeRecord = new RedisScript<
  [record: string, log: string, tails: string],
  [version: string, ttlMs: number, condition: string, channel: string, publish: string, ...fields: string[]],
  0 | 1
>(
  'mcpWriteRecord',
  3,
  `
local old = redis.call('HGET', KEYS[1], '@v')
if old == ARGV[1] then return 1 end
local condition = string.sub(ARGV[3], 1, 1)
if condition == '-' and old then return 0 end
if condition == '=' and old ~= string.sub(ARGV[3], 2) then return 0 end
-- First what Redis refuses when its memory is full: after another write it would refuse nothing any more.
redis.call('HSET', KEYS[1], '@v', ARGV[1], '@t', ARGV[2])
if condition == '=' then
  for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(name, 1, 1) == '.' then redis.call('HDEL', KEYS[1], name) end
  end
else
  redis.call('DEL', KEYS[2], KEYS[3])
  if old then
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], '@v', ARGV[1], '@t', ARGV[2])
  end
end
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if condition == '=' then
  for i = 2, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
end
if old then redis.call(ARGV[5], ARGV[4], condition == '=' and 'c' or 's') end
return 1
`,
);
