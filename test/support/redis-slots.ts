import { setTimeout as delay } from 'node:timers/promises';
import type { RedisClusterServers } from './redis-cluster.js';
import type { RedisServer } from './redis.js';

/** Pause between two keys that move, so that commands meanwhile find some here and some there. */
const PAUSE_MS = 10;

/** The slot that a hash tag stands for. */
export function slotOfTag({ servers }: RedisClusterServers, tag: string): number {
  return Number((servers[0] as RedisServer).cli('CLUSTER', 'KEYSLOT', `{${tag}}`));
}

/** Moves a slot with its keys, one by one, to the next server, as `redis-cli --cluster reshard` does. */
export async function moveSlot({ servers }: RedisClusterServers, slot: number): Promise<void> {
  const from = servers.findIndex((server) => owns(server, slot));
  const source = servers[from] as RedisServer;
  const target = servers[(from + 1) % servers.length] as RedisServer;
  const [sourceId, targetId] = [source, target].map((server) => server.cli('CLUSTER', 'MYID')) as [
    string,
    string,
  ];
  target.cli('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', sourceId);
  source.cli('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', targetId);
  for (let key = firstKey(source, slot); key !== ''; key = firstKey(source, slot)) {
    source.cli('MIGRATE', '127.0.0.1', String(target.port), key, '0', '5000');
    await delay(PAUSE_MS);
  }
  for (const server of [target, source, ...servers])
    server.cli('CLUSTER', 'SETSLOT', String(slot), 'NODE', targetId);
}

function firstKey(server: RedisServer, slot: number): string {
  return server.cli('CLUSTER', 'GETKEYSINSLOT', String(slot), '1');
}

function owns(server: RedisServer, slot: number): boolean {
  const own = server
    .cli('CLUSTER', 'NODES')
    .split('\n')
    .find((line) => line.includes('myself'));
  const ranges = (own ?? '')
    .split(' ')
    .slice(8)
    .filter((range) => !range.startsWith('['));
  return ranges.some((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return slot >= (first as number) && slot <= (last as number);
  });
}
