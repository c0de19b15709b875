/** Stands for a platform: Redis, two instances of the application, and a load balancer before them. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Instances } from './platform/instances.js';
import { createLoadBalancer } from './platform/load-balancer.js';
import { findRedis } from './platform/redis.js';

const redis = await findRedis().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const instances = new Instances({
  REDIS_URL: redis.url,
  REQUEST_STATE_SECRET: process.env['REQUEST_STATE_SECRET'] ?? randomBytes(32).toString('base64url'),
});

const stop = async () => {
  await instances.stop();
  await redis.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

await instances.start().catch(async (error: Error) => {
  console.error(error.message);
  await instances.stop();
  await redis.stop();
  process.exit(1);
});

const loadBalancer = createLoadBalancer(instances).listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
await once(loadBalancer, 'listening');
const { port } = loadBalancer.address() as AddressInfo;
console.log(`Redis at ${redis.url}`);
console.log(`MCP server at http://127.0.0.1:${port}/mcp (Ctrl+C stops it)`);
console.log('In another terminal: npm start 06-redis-two-instances client');
