import { RedisScript } from '../redis.script.js';

/**
 * Drops the entries of a tag up to a number.
 *
 * KEYS[1] record   KEYS[2] log
 * ARGV[1] tag   ARGV[2] number
 *
 * Returns nothing.
 */
export const trimLog = new RedisScript<[record: string, log: string], [tag: string, upTo: string], null>(
  'mcpTrimLog',
  2,
  `
local record = redis.call('HMGET', KEYS[1], '@c', '@b')
if not record[1] then return nil end
local count, bytes = tonumber(record[1]), tonumber(record[2])
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', ARGV[2] .. '-0')) do
  if entry[2][2] == ARGV[1] then
    redis.call('XDEL', KEYS[2], entry[1])
    count, bytes = count - 1, bytes - #entry[2][8]
  end
end
redis.call('HSET', KEYS[1], '@c', count, '@b', bytes)
return nil
`,
);
