import { RedisScript } from '../redis.script.js';

/**
 * Appends an entry to the log of a record and rings.
 *
 * An entry has its number as its id in the log, and as fields its tag (t), the id of the append (i), the position before
 * it of the same tag (p, empty for none) and the body (b).
 *
 * KEYS[1] record   KEYS[2] log   KEYS[3] tails   KEYS[4] what is to be consumed, or the record again
 * ARGV[1] tag   ARGV[2] body   ARGV[3] id of the append   ARGV[4] 1 if it may have been appended before
 * ARGV[5] 1 to consume   ARGV[6] 1 to renew the record   ARGV[7] 1 to append only if there is a listener
 * ARGV[8] most entries   ARGV[9] most bytes   ARGV[10] 1 to refuse when full
 * ARGV[11] channel   ARGV[12] command that publishes   ARGV[13] longest body to be published
 *
 * Returns the position and the one before (empty for none), or why nothing was appended.
 */
export const appendEntry = new RedisScript<
  [record: string, log: string, tails: string, consumed: string],
  [
    tag: string,
    body: string,
    id: string,
    isRepeat: 0 | 1,
    consumes: 0 | 1,
    renews: 0 | 1,
    ifHeard: 0 | 1,
    maxEntries: number,
    maxBytes: number,
    refuses: 0 | 1,
    channel: string,
    publish: string,
    maxPublished: number,
  ],
  [position: string, previous: string] | 'gone' | 'full' | 'unheard'
>(
  'mcpAppendEntry',
  4,
  `
local record = redis.call('HMGET', KEYS[1], '@v', '@n', '@c', '@b', '@t')
if not record[1] then return 'gone' end
local tag, body, id = ARGV[1], ARGV[2], ARGV[3]
local tail = redis.call('HGET', KEYS[3], tag)

if tail and string.match(tail, '%.(.*)$') == id then
  local number = string.match(tail, '^%d+')
  local entry = redis.call('XRANGE', KEYS[2], number .. '-0', number .. '-0')[1]
  return {tail, entry and entry[2][6] or ''}
end
if ARGV[4] == '1' then
  for _, entry in ipairs(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 256)) do
    if entry[2][2] == tag and entry[2][4] == id then
      return {string.match(entry[1], '^%d+') .. '.' .. id, entry[2][6]}
    end
  end
end

if ARGV[5] == '1' and redis.call('EXISTS', KEYS[4]) == 0 then return 'gone' end
local maxCount, maxBytes = tonumber(ARGV[8]), tonumber(ARGV[9])
local count, bytes = tonumber(record[3] or 0), tonumber(record[4] or 0)
if ARGV[10] == '1' and count > 0 and (count >= maxCount or bytes + #body > maxBytes) then return 'full' end

if ARGV[7] == '1' then
  local kind = ARGV[12] == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
  if redis.call('PUBSUB', kind, ARGV[11])[2] == 0 then return 'unheard' end
end

local number = tonumber(record[2] or 0) + 1
local position = string.format('%.0f', number) .. '.' .. id
-- The first write: what Redis refuses when its memory is full.
redis.call('XADD', KEYS[2], string.format('%.0f-0', number), 't', tag, 'i', id, 'p', tail or '', 'b', body)
redis.call('HSET', KEYS[3], tag, position)
count, bytes = count + 1, bytes + #body

if not tail and redis.call('HLEN', KEYS[3]) > 1024 then
  local tags = {}
  local all = redis.call('HGETALL', KEYS[3])
  for i = 1, #all, 2 do tags[#tags + 1] = {all[i], tonumber(string.match(all[i + 1], '^%d+'))} end
  table.sort(tags, function(a, b) return a[2] < b[2] end)
  for i = 1, 256 do redis.call('HDEL', KEYS[3], tags[i][1]) end
end

if ARGV[10] == '0' and (count > maxCount or bytes > maxBytes) then
  local entries = redis.call('XRANGE', KEYS[2], '-', '+')
  local counts, sizes, tails, dropped = {}, {}, {}, {}
  for _, entry in ipairs(entries) do
    local of = entry[2][2]
    counts[of] = (counts[of] or 0) + 1
    sizes[of] = (sizes[of] or 0) + #entry[2][8]
    if tails[of] == nil then tails[of] = redis.call('HGET', KEYS[3], of) end
  end
  for pass = 1, 3 do
    for i = 1, #entries - 1 do
      if count <= maxCount * 7 / 8 and bytes <= maxBytes * 7 / 8 then break end
      local of, size = entries[i][2][2], #entries[i][2][8]
      local isTail = tails[of] == string.match(entries[i][1], '^%d+') .. '.' .. entries[i][2][4]
      local hasMuch = counts[of] > maxCount / 4 or sizes[of] > maxBytes / 4
      if not dropped[i] and (pass == 3 or not isTail and (pass == 2 or hasMuch)) then
        dropped[i] = true
        redis.call('XDEL', KEYS[2], entries[i][1])
        count, bytes, counts[of], sizes[of] = count - 1, bytes - size, counts[of] - 1, sizes[of] - size
      end
    end
  end
end

redis.call('HSET', KEYS[1], '@n', string.format('%.0f', number), '@c', count, '@b', bytes)
if ARGV[5] == '1' then redis.call('DEL', KEYS[4]) end
local bell = 'a'
if #body <= tonumber(ARGV[13]) then bell = 'e' .. position .. ' ' .. (tail or '-') .. ' ' .. tag .. ' ' .. body end
redis.call(ARGV[12], ARGV[11], bell)
local left = redis.call('PTTL', KEYS[1])
if ARGV[6] == '1' and left < record[5] * 0.9 then
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], record[5]) end
elseif not tail or count == 1 then
  for i = 2, 3 do redis.call('PEXPIRE', KEYS[i], left) end
end
return {position, tail or ''}
`,
);
