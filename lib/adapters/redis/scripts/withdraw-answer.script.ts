import { RedisScript } from '../redis.script.js';

/**
 * Looks whether an answer has been taken by the instance that asked. If that has died, or this was the last look, the
 * answer is withdrawn, and the question waits again.
 *
 * KEYS[1] question   KEYS[2] lease of the instance that asked
 * ARGV[1] answer, as it was kept   ARGV[2] 1 if it is the last look
 * ARGV[3] 1 if Redis was away just now, so that the lease of one that lives may be over
 *
 * Returns 1 if it was taken, 0 if it was withdrawn, 2 if it still lies there.
 */
export const withdrawAnswer = new RedisScript<
  [question: string, lease: string],
  [answer: string, isLast: 0 | 1, wasAway: 0 | 1],
  0 | 1 | 2
>(
  'mcpWithdrawAnswer',
  2,
  `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 1 end
if ARGV[3] == '0' and redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[1])
  return 0
end
if ARGV[2] == '0' then return 2 end
redis.call('SET', KEYS[1], 'W', 'KEEPTTL')
return 0
`,
);
