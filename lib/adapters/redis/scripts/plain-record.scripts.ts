import { RedisScript } from '../redis.script.js';

/**
 * A record without log is a string: its version, a space, and its fields as JSON.
 *
 * Reads one, and lets it live on if that is wanted.
 *
 * KEYS[1] record
 * ARGV[1] milliseconds to live, or 0   ARGV[2] 1 to renew in any case
 *
 * Returns nothing if there is no record, else the string and the milliseconds that remain.
 */
export const readPlain = new RedisScript<
  [record: string],
  [ttlMs: number, exact: 0 | 1],
  [stored: string, remainingMs: number] | null
>(
  'mcpReadPlain',
  1,
  `
local stored = redis.call('GET', KEYS[1])
if not stored then return nil end
local left, ttl = redis.call('PTTL', KEYS[1]), tonumber(ARGV[1])
if ttl > 0 and (ARGV[2] == '1' or left < ttl * 0.9 or left > ttl) then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = ttl
end
return {stored, left}
`,
);

/**
 * Writes one.
 *
 * KEYS[1] record
 * ARGV[1] the string   ARGV[2] milliseconds to live, 0 to leave them
 * ARGV[3] * to replace, - if there is none, = and a version
 *
 * Returns 1 if it was written, also by an earlier attempt.
 */
export const writePlain = new RedisScript<
  [record: string],
  [stored: string, ttlMs: number, condition: string],
  0 | 1
>(
  'mcpWritePlain',
  1,
  `
local old = redis.call('GET', KEYS[1])
if old == ARGV[1] then return 1 end
if ARGV[3] ~= '*' and (old and '=' .. string.match(old, '^%S+') or '-') ~= ARGV[3] then return 0 end
if ARGV[2] == '0' then
  redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
`,
);

/**
 * Removes one.
 *
 * KEYS[1] record
 * ARGV[1] version, or nothing for any
 *
 * Returns the string, or nothing.
 */
export const removePlain = new RedisScript<[record: string], [version: string], string | null>(
  'mcpRemovePlain',
  1,
  `
local old = redis.call('GET', KEYS[1])
if not old or ARGV[1] ~= '' and string.match(old, '^%S+') ~= ARGV[1] then return nil end
redis.call('DEL', KEYS[1])
return old
`,
);
