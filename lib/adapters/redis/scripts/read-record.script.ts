import { RedisScript } from '../redis.script.js';

/**
 * Reads a record with a log, and lets it live on if that is wanted: it is written only when less than 90 % of its time
 * remains, or more than all.
 *
 * KEYS[1] record   KEYS[2] log   KEYS[3] tails
 * ARGV[1] milliseconds to live, or 0   ARGV[2] 1 to renew in any case   ARGV[3] 1 for all fields   ARGV[4...] fields
 *
 * Returns nothing if there is no record, else its version, the milliseconds that remain, and the fields: the values of
 * those asked for, or names and values of all, those of ours too.
 */
export const readRecord = new RedisScript<
  [record: string, log: string, tails: string],
  [ttlMs: number, exact: 0 | 1, all: 0 | 1, ...fields: string[]],
  [version: string, remainingMs: number, ...fields: (string | null)[]] | null
>(
  'mcpReadRecord',
  3,
  `
local version = redis.call('HGET', KEYS[1], '@v')
if not version then return nil end
local left, ttl = redis.call('PTTL', KEYS[1]), tonumber(ARGV[1])
if ttl > 0 and (ARGV[2] == '1' or left < ttl * 0.9 or left > ttl) then
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
  -- Last: as the first write it would be refused when the memory of Redis is full.
  if redis.call('HGET', KEYS[1], '@t') ~= ARGV[1] then redis.call('HSET', KEYS[1], '@t', ARGV[1]) end
  left = ttl
end
local reply = {version, left}
local fields = {}
if ARGV[3] == '1' then
  fields = redis.call('HGETALL', KEYS[1])
elseif #ARGV > 3 then
  fields = redis.call('HMGET', KEYS[1], unpack(ARGV, 4))
end
for i = 1, #fields do reply[i + 2] = fields[i] end
return reply
`,
);
