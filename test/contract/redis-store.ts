import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RedisStore } from '../../lib/adapters/redis/redis-store.js';
import { quiet, SET_UPS, startServers, titleOf, type RunningRedis } from '../support/redis-matrix.js';
import { newerThan, watchCommands } from '../support/redis-commands.js';
import { cli, lastingKeys, type RedisServerOptions } from '../support/redis.js';
import { adaptersKeepContracts, storeKeepsContract } from './store.js';

/** Runs every contract on `RedisStore`, against every way to reach servers of a kind. */
export function storeKeepsContractsOnRedis(
  kind: 'one' | 'cluster',
  program?: RedisServerOptions['program'],
): void {
  let redis: RunningRedis;
  let monitors: Awaited<ReturnType<typeof watchCommands>>[];
  let count = 0;

  beforeAll(async () => {
    redis = await startServers(kind, program);
    monitors = await Promise.all(redis.ports.map(watchCommands));
  }, 60_000);

  afterAll(() => redis.dispose());

  for (const [index, setUp] of SET_UPS.filter(({ server }) => server === kind).entries()) {
    const emptyStore = async () => {
      const client = await redis.client(setUp);
      const keyPrefix = `case-${++count}`;
      return () => new RedisStore({ client, ...quiet(keyPrefix) });
    };
    storeKeepsContract(`RedisStore, ${titleOf(setUp)}`, emptyStore);
    // Adapters see a store, and a store is the same to them by every client that keeps its contract.
    if (index === 0 || process.env['TEST_SCOPE'] === 'all')
      adaptersKeepContracts(`RedisStore, ${titleOf(setUp)}`, emptyStore);
  }

  it('leaves no key that does not expire, and no connection', () => {
    for (const port of redis.ports) {
      expect(lastingKeys(port)).toEqual([]);
      const clients = cli(port, ['CLIENT', 'LIST', 'TYPE', 'NORMAL']).split('\n');
      expect(clients.filter((client) => !/cmd=(client|monitor)/.test(client))).toEqual([]);
      expect(cli(port, ['CLIENT', 'LIST', 'TYPE', 'PUBSUB'])).toBe('');
    }
  }, 60_000);

  // Last, when everything has been sent.
  it('uses nothing that Redis 6.2 has not, but for sharded messages on a Cluster', async () => {
    const newer = new Set<string>();
    for (const [n, monitor] of monitors.entries()) {
      const [port, seen] = [redis.ports[n] as number, await monitor.stop()];
      for (const what of newerThan('6.2.0', port, seen)) newer.add(what);
    }
    const sharded = ['spublish', 'ssubscribe', 'sunsubscribe'];
    expect([...newer].sort()).toEqual(kind === 'cluster' ? sharded : []);
  }, 30_000);
}
