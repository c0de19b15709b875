import { RedisScript } from '../redis.script.js';

/**
 * Removes a record with its log.
 *
 * KEYS[1] record   KEYS[2] log   KEYS[3] tails
 * ARGV[1] version, or nothing for any   ARGV[2] channel   ARGV[3] command that publishes
 *
 * Returns names and values of its fields, those of ours too; nothing if there was no such record.
 */
export const removeRecord = new RedisScript<
  [record: string, log: string, tails: string],
  [version: string, channel: string, publish: string],
  string[] | null
>(
  'mcpRemoveRecord',
  3,
  `
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then return nil end
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], '@v') ~= ARGV[1] then return nil end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call(ARGV[3], ARGV[2], 's')
return fields
`,
);
