import { storeKeepsContractsOnRedis } from './redis-store.js';

storeKeepsContractsOnRedis('one');
