import { describe, it } from '@jest/globals';
import { isAvailable } from '../support/redis.js';
import { storeKeepsContractsOnRedis } from './redis-store.js';

if (isAvailable('valkey-server')) storeKeepsContractsOnRedis('one', 'valkey-server');
else {
  describe('Valkey', () => {
    it.skip('is not run: this system has neither valkey-server nor a package of that name', () => {});
  });
}
