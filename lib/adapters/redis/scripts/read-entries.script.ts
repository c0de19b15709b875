import { RedisScript } from '../redis.script.js';

/**
 * Reads the entries of a tag after a number, as far as they are kept.
 *
 * KEYS[1] record   KEYS[2] log   KEYS[3] tails
 * ARGV[1] tag   ARGV[2] number   ARGV[3] most entries
 *
 * Returns nothing if there is no record, else the tail (empty for none), 1 if there is no more, and the entries, each as
 * position, the one before (empty for none) and body. They are one text, with NUL between the parts, which no body holds:
 * to read many small replies costs a client more than all else about them.
 */
export const readEntries = new RedisScript<
  [record: string, log: string, tails: string],
  [tag: string, after: string, limit: number],
  [tail: string, isAll: '0' | '1', entries: string] | null
>(
  'mcpReadEntries',
  3,
  `
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
local tail = redis.call('HGET', KEYS[3], ARGV[1])
if tail and tonumber(string.match(tail, '^%d+')) <= tonumber(ARGV[2]) then return {tail, '1', ''} end
local parts, limit, from, found = {}, tonumber(ARGV[3]), '(' .. ARGV[2] .. '-0', 0
local function reply(isAll) return {tail or '', isAll, table.concat(parts, '\\0')} end
while true do
  local entries = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', limit + 1)
  for _, entry in ipairs(entries) do
    if entry[2][2] == ARGV[1] then
      if found == limit then return reply('0') end
      found = found + 1
      parts[#parts + 1] = string.match(entry[1], '^%d+') .. '.' .. entry[2][4]
      parts[#parts + 1] = entry[2][6]
      parts[#parts + 1] = entry[2][8]
    end
  end
  if #entries <= limit then return reply('1') end
  from = '(' .. entries[#entries][1]
end
`,
);
