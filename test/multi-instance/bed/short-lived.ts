/** Starts a bed, says which processes belong to it, and waits to be killed. */
import { startRedis } from '../../support/redis.js';
import { storeOnRedis } from '../../support/stores/redis.js';
import { startBed } from './bed.js';

const redis = await startRedis();
const { instances } = await startBed({ store: storeOnRedis(redis) });
const redisPid = Number(/process_id:(\d+)/.exec(redis.cli('INFO', 'server'))?.[1]);
process.stdout.write(JSON.stringify([...instances.map(({ pid }) => pid), redisPid]));
setInterval(() => {}, 1_000);
