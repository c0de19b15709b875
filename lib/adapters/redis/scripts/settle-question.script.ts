import { RedisScript } from '../redis.script.js';

/**
 * Answers a question that waits: keeps the answer and tells the instance that asked.
 *
 * A question is the letter W while it waits. Once it is answered it is who answered, a space, and the answer.
 *
 * KEYS[1] question   KEYS[2] lease of the instance that asked
 * ARGV[1] who answers   ARGV[2] answer   ARGV[3] token of the question   ARGV[4] channel of the instance that asked
 * ARGV[5] command that publishes   ARGV[6] longest answer to be published itself   ARGV[7] 1 if it is tried again
 * ARGV[8] 1 if Redis was away just now, so that the lease of one that lives may be over
 *
 * One that is tried again and finds no question was successful before: the instance has taken the answer.
 *
 * Returns 0 if nobody waits, 1 if the instance was told, 2 if it cannot be told just now but seems to live.
 */
export const settleQuestion = new RedisScript<
  [question: string, lease: string],
  [
    answerer: string,
    answer: string,
    token: string,
    channel: string,
    publish: string,
    maxPublished: number,
    isRetry: 0 | 1,
    wasAway: 0 | 1,
  ],
  0 | 1 | 2
>(
  'mcpSettleQuestion',
  2,
  `
local question = redis.call('GET', KEYS[1])
local answer = ARGV[1] .. ' ' .. ARGV[2]
if not question and ARGV[7] == '1' then return 1 end
if question ~= 'W' and question ~= answer then return 0 end
redis.call('SET', KEYS[1], answer, 'KEEPTTL')
local told = '1 ' .. ARGV[3] .. ' '
if #ARGV[2] <= tonumber(ARGV[6]) then told = told .. ARGV[2] end
if redis.call(ARGV[5], ARGV[4], told) > 0 then return 1 end
if ARGV[8] == '1' or redis.call('EXISTS', KEYS[2]) == 1 then return 2 end
redis.call('DEL', KEYS[1])
return 0
`,
);
