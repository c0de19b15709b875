import { afterAll, beforeAll } from '@jest/globals';
import { InMemoryTaskAdapter } from '../../lib/adapters/in-memory/in-memory-task.adapter.js';
import { MemoryStore, MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import { RedisStore } from '../../lib/adapters/redis/redis-store.js';
import { quiet } from '../support/redis-matrix.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { taskContract } from '../../lib/testing/index.js';
import { DeafStore, SlowStore } from './faulty-store.js';
import { tasksKeepContract } from './store.js';
import { instances, keeps } from './support.js';

keeps('InMemoryTaskAdapter', taskContract, () => {
  const data = new MemoryStoreData();
  return instances(() => new InMemoryTaskAdapter({}, data));
});

tasksKeepContract('a store that takes its time, and whose bells are half of them lost', () => {
  const data = new MemoryStoreData();
  return () => new SlowStore(new DeafStore(new MemoryStore(data)));
});

let redis: RedisServer;
let count = 0;
beforeAll(async () => (redis = await startRedis()));
afterAll(() => redis.dispose());

tasksKeepContract('RedisStore', () => {
  const options = { url: redis.url, ...quiet(`tasks-${++count}`) };
  return () => new RedisStore(options);
});
