import { keepsContracts } from './redis.js';

keepsContracts('cluster');
