import { RedisScript } from '../redis.script.js';

/**
 * Removes the log of a stream, unless it has been used again meanwhile.
 *
 * KEYS[1] streams   KEYS[2] log
 * ARGV[1] stream   ARGV[2] number of streams that have logs
 *
 * Returns whether the log was removed, 1 or 0.
 */
export const dropLog = new RedisScript<
  [streams: string, log: string],
  [streamId: string, maxLogs: number],
  number
>(
  'mcpDropLog',
  2,
  `
local rank = redis.call('ZREVRANK', KEYS[1], ARGV[1])
if rank and rank < tonumber(ARGV[2]) then return 0 end
return redis.call('UNLINK', KEYS[2])
`,
);
