import { RedisScript } from '../redis.script.js';

/**
 * Reads what follows an event on its stream, as far as it was not dropped.
 *
 * KEYS[1] session   KEYS[2] streams   KEYS[3] log
 * ARGV[1] generation   ARGV[2] sequence number of the event   ARGV[3] stream   ARGV[4] most events
 *
 * Returns the generation of the session (nothing if there is no session), the number of the last event of the stream
 * (nothing if it is not known), then number, number of the event before, and message of each event that follows.
 */
export const readEvents = new RedisScript<
  [session: string, streams: string, log: string],
  [generation: string, after: number, streamId: string, maxEvents: number],
  [generation: string | null, last?: string | null, ...events: string[]]
>(
  'mcpReadEvents',
  3,
  `
local generation = redis.call('HGET', KEYS[1], 'gen')
if generation ~= ARGV[1] then return {generation} end
local last = redis.call('ZSCORE', KEYS[2], ARGV[3])
if not last or tonumber(last) <= tonumber(ARGV[2]) then return {generation, last} end
local reply = {generation, last}
for _, entry in ipairs(redis.call('XRANGE', KEYS[3], '(' .. ARGV[2] .. '-0', '+', 'COUNT', ARGV[4])) do
  reply[#reply + 1] = (entry[1]:gsub('-.*', ''))
  reply[#reply + 1] = entry[2][2]
  reply[#reply + 1] = entry[2][4]
end
return reply
`,
);
