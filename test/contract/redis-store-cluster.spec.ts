import { storeKeepsContractsOnRedis } from './redis-store.js';

storeKeepsContractsOnRedis('cluster');
