import { RedisScript } from '../redis.script.js';

/**
 * Puts an event on the bus: into its log, where it stays for a while, and on its channel, with its id in the log and that
 * of the event before it.
 *
 * KEYS[1] log
 * ARGV[1] event, with its publisher and number   ARGV[2] most events of the log   ARGV[3] milliseconds the log lives
 * ARGV[4] channel   ARGV[5] command that publishes
 *
 * Returns the id of the event in the log.
 */
export const publishEvent = new RedisScript<
  [log: string],
  [event: string, maxEvents: number, ttlMs: number, channel: string, publish: string],
  string
>(
  'mcpPublishEvent',
  1,
  `
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call(ARGV[5], ARGV[4], '1 ' .. id .. ' ' .. (newest and newest[1] or '0-0') .. ' ' .. ARGV[1])
return id
`,
);
