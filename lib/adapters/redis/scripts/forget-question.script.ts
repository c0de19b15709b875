import { RedisScript } from '../redis.script.js';

/**
 * Removes what says who asked, unless somebody else has asked the same since.
 *
 * KEYS[1] who asked
 * ARGV[1] value as it was set
 *
 * Returns whether it was removed, 1 or 0.
 */
export const forgetQuestion = new RedisScript<[asked: string], [value: string], number>(
  'mcpForgetQuestion',
  1,
  `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`,
);
