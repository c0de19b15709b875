import { keepsContracts } from './redis.js';

keepsContracts('one');
