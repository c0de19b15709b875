import { RedisScript } from '../redis.script.js';

/**
 * Reads the facts of a session and lets it live on. Its logs have keys that only the caller knows to name: four times per
 * time to live it is told which ones are to live on as well.
 *
 * KEYS[1] session   KEYS[2] state   KEYS[3] streams
 * ARGV[1] milliseconds to live   ARGV[2] number of streams that have logs
 *
 * Returns nothing if there is no such session, else format, facts as JSON, and the streams whose logs are to live on.
 */
export const openSession = new RedisScript<
  [session: string, state: string, streams: string],
  [ttlMs: number, maxStreamLogs: number],
  [format: string, facts: string, ...streamIds: string[]] | null
>(
  'mcpOpenSession',
  3,
  `
local session = redis.call('HMGET', KEYS[1], 'v', 'meta', 'ttl', 'due')
if not session[2] then return nil end
local reply = {session[1], session[2]}
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
if session[3] ~= ARGV[1] then redis.call('HSET', KEYS[1], 'ttl', ARGV[1]) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if session[3] ~= ARGV[1] or now >= tonumber(session[4] or 0) then
  redis.call('HSET', KEYS[1], 'due', string.format('%.0f', now + ARGV[1] / 4))
  for _, id in ipairs(redis.call('ZREVRANGE', KEYS[3], 0, ARGV[2] - 1)) do reply[#reply + 1] = id end
end
return reply
`,
);
