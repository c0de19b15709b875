import { runJob } from '../processes.mjs';

/** From `appendEvent` at one instance to the subscriber at another, beside a round trip of the same Redis. */
export async function deliver(_workload, { quick }, { REDIS_URL: redisUrl }) {
  return runJob('workloads/deliver-job.mjs', { redisUrl, count: quick ? 1_000 : 5_000 }, undefined);
}
