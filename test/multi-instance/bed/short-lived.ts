/** Starts a bed, says which processes belong to it, and waits to be killed. */
import { startBed } from './bed.js';

const { instances, redis } = await startBed();
const redisPid = Number(/process_id:(\d+)/.exec(redis.cli('INFO', 'server'))?.[1]);
process.stdout.write(JSON.stringify([...instances.map(({ pid }) => pid), redisPid]));
setInterval(() => {}, 1_000);
