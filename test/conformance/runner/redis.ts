import { startRedis } from '../../support/redis.js';

/** The Redis that the set-ups share. */
export interface SharedRedis {
  readonly url: string;
  dispose(): Promise<void>;
}

/** The one that `REDIS_URL` names, or one of our own. */
export async function provideRedis(): Promise<SharedRedis> {
  const url = process.env['REDIS_URL'];
  return url === undefined ? startRedis() : { url, dispose: async () => {} };
}
