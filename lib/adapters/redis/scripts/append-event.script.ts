import { RedisScript } from '../redis.script.js';

/**
 * Appends an event to the log of a stream and publishes it.
 *
 * An entry of a log has the sequence number of the event as its id, and as fields the number of the event before it on
 * the stream (p), the message (m) and who appended it (n). Numbers count through all streams of a session. A log is
 * dropped when too many other streams were used since; the number of its last event is kept for longer.
 *
 * KEYS[1] session   KEYS[2] state   KEYS[3] streams   KEYS[4] log
 * ARGV[1] stream   ARGV[2] message   ARGV[3] name of this append, which no other one has   ARGV[4] newest events that
 * may be this one already
 * ARGV[5] most events of a log   ARGV[6] most bytes of a log   ARGV[7] number of streams that have logs
 * ARGV[8] number of streams whose last event is known   ARGV[9] milliseconds that logs live, in quarters of the session's
 * ARGV[10] channel of the stream   ARGV[11] command that publishes   ARGV[12] longest message to be published itself
 *
 * Returns nothing if there is no such session, else the generation of the session, the numbers of this event and of the
 * one before it on the stream, and the stream whose log is to be dropped, if any.
 */
export const appendEvent = new RedisScript<
  [session: string, state: string, streams: string, log: string],
  [
    streamId: string,
    message: string,
    name: string,
    lookedAt: number,
    maxEvents: number,
    maxBytes: number,
    maxLogs: number,
    maxPositions: number,
    lifeInQuarters: number,
    channel: string,
    publish: string,
    maxPublished: number,
  ],
  [generation: string, sequence: number, previous: string, dropped?: string] | null
>(
  'mcpAppendEvent',
  4,
  `
local size = 'b:' .. ARGV[1]
local session = redis.call('HMGET', KEYS[1], 'gen', 'ttl', size)
if not session[1] then return nil end

if ARGV[4] ~= '0' then
  for _, entry in ipairs(redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', ARGV[4])) do
    if entry[2][6] == ARGV[3] then return {session[1], tonumber((entry[1]:gsub('-.*', ''))), entry[2][2]} end
  end
end

local previous = redis.call('ZSCORE', KEYS[3], ARGV[1])
local rank = previous and redis.call('ZREVRANK', KEYS[3], ARGV[1])
if not previous then redis.call('DEL', KEYS[4]) end
previous = previous or '0'

local sequence = redis.call('HINCRBY', KEYS[1], 'seq', 1)
redis.call('XADD', KEYS[4], sequence .. '-0', 'p', previous, 'm', ARGV[2], 'n', ARGV[3])
redis.call('ZADD', KEYS[3], sequence, ARGV[1])

local count = redis.call('XLEN', KEYS[4])
local bytes = #ARGV[2]
if count > 1 then bytes = bytes + (session[3] or 0) end
while count > 1 and (count > tonumber(ARGV[5]) or bytes > tonumber(ARGV[6])) do
  local oldest = redis.call('XRANGE', KEYS[4], '-', '+', 'COUNT', 1)[1]
  count = count - 1
  bytes = bytes - #oldest[2][4]
  redis.call('XTRIM', KEYS[4], 'MAXLEN', count)
end
redis.call('HSET', KEYS[1], size, bytes)

local dropped = nil
if not rank or rank >= tonumber(ARGV[7]) then
  dropped = redis.call('ZREVRANGE', KEYS[3], ARGV[7], ARGV[7])[1]
  if dropped then redis.call('HDEL', KEYS[1], 'b:' .. dropped) end
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - ARGV[8])
end

for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], session[2]) end
redis.call('PEXPIRE', KEYS[4], string.format('%.0f', session[2] / 4 * ARGV[9]))

local event = '1 ' .. session[1] .. ' ' .. previous .. ' ' .. sequence .. ' '
if #ARGV[2] <= tonumber(ARGV[12]) then event = event .. ARGV[2] end
redis.call(ARGV[11], ARGV[10], event)
return {session[1], sequence, previous, dropped}
`,
);
