import { afterAll, beforeAll } from '@jest/globals';
import { redisAdapters } from 'nestjs-mcp-adapters/redis';
import { describeTwoInstances } from '../e2e/sessions/two-instances.js';
import { startRedis, type RedisServer } from '../support/redis.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.dispose());

const requestStateSecret = 'the same secret on every instance of the tests';
let stores = 0;

describeTwoInstances('one Redis', () => {
  const keyPrefix = `two-instances-${++stores}`;
  return { options: () => ({ ...redisAdapters({ url: redis.url, keyPrefix }), requestStateSecret }) };
});
