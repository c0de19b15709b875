import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisClientRequestAdapter } from '../../lib/adapters/redis/redis-client-request.adapter.js';
import { RedisNotificationBus } from '../../lib/adapters/redis/redis-notification-bus.js';
import { RedisSessionAdapter } from '../../lib/adapters/redis/redis-session.adapter.js';
import type { RedisAdapterOptions } from '../../lib/adapters/redis/redis-adapter-options.interface.js';
import {
  clientRequestAdapterContract,
  notificationBusContract,
  sessionAdapterContract,
  type ContractCase,
} from '../../lib/testing/index.js';
import { quiet, SET_UPS, startServers, titleOf, type RunningRedis } from '../support/redis-matrix.js';
import { newerThan, watchCommands } from '../support/redis-commands.js';
import { cli, lastingKeys, type RedisServerOptions } from '../support/redis.js';
import { instances, keeps } from './support.js';

interface Adapter {
  close(): Promise<void>;
}

/** Runs every contract against every way to reach servers of a kind. */
export function keepsContracts(kind: 'one' | 'cluster', program?: RedisServerOptions['program']): void {
  let redis: RunningRedis;
  let monitors: Awaited<ReturnType<typeof watchCommands>>[];
  let count = 0;

  beforeAll(async () => {
    redis = await startServers(kind, program);
    monitors = await Promise.all(redis.ports.map(watchCommands));
  }, 60_000);

  afterAll(() => redis.dispose());

  for (const setUp of SET_UPS.filter(({ server }) => server === kind)) {
    const keepsContract = <G extends object, A extends Adapter & G>(
      type: new (options: RedisAdapterOptions) => A,
      contract: readonly ContractCase<G>[],
    ) =>
      keeps<G>(type.name, contract, async () => {
        const client = await redis.client(setUp);
        const keyPrefix = `case-${++count}`;
        return instances(() => new type({ client, ...quiet(keyPrefix) }));
      });

    describe(titleOf(setUp), () => {
      keepsContract(RedisSessionAdapter, sessionAdapterContract);
      keepsContract(RedisClientRequestAdapter, clientRequestAdapterContract);
      keepsContract(RedisNotificationBus, notificationBusContract);

      it('leaves no key that does not expire, and no connection', () => {
        for (const port of redis.ports) {
          expect(lastingKeys(port)).toEqual([]);
          const clients = cli(port, ['CLIENT', 'LIST', 'TYPE', 'NORMAL']).split('\n');
          expect(clients.filter((client) => !/cmd=(client|monitor)/.test(client))).toEqual([]);
          expect(cli(port, ['CLIENT', 'LIST', 'TYPE', 'PUBSUB'])).toBe('');
        }
      }, 30_000);
    });
  }

  // Last, when everything has been sent.
  it('uses nothing that Redis 6.2 has not, but for sharded messages on a Cluster', async () => {
    const newer = new Set<string>();
    for (const [n, monitor] of monitors.entries()) {
      const [port, seen] = [redis.ports[n] as number, await monitor.stop()];
      expect(newerThan('6.1.9', port, seen)).toContain('getdel');
      for (const what of newerThan('6.2.0', port, seen)) newer.add(what);
    }
    const sharded = ['spublish', 'ssubscribe', 'sunsubscribe'];
    expect([...newer].sort()).toEqual(kind === 'cluster' ? sharded : []);
  }, 30_000);
}
