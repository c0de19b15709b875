import { LeavingClient } from './clients/leaving-client.js';
import { LegacyClient } from './clients/legacy-client.js';
import { ModernClient } from './clients/modern-client.js';
import { OfficialChaosClient } from './clients/official-client.js';
import { connectV1, connectV2Legacy, connectV2Modern } from './clients/official-connect.js';
import type { ChaosClient, World } from './clients/world.js';
import type { Random } from './plan/random.js';

/** Everybody who uses the server. */
export function crowd(shared: Omit<World, 'random'>, random: Random): ChaosClient[] {
  const world = (): World => ({ ...shared, random: random.fork() });
  return [
    new LegacyClient(world(), 'pine', '2025-11-25'),
    new LegacyClient(world(), 'spruce', '2025-11-25'),
    new LegacyClient(world(), 'larch', '2025-06-18'),
    new LegacyClient(world(), 'fir', '2025-03-26'),
    new ModernClient(world(), 'oak'),
    new ModernClient(world(), 'ash'),
    new OfficialChaosClient(world(), 'moss', 'legacy', connectV1),
    new OfficialChaosClient(world(), 'fern', 'legacy', connectV2Legacy),
    new OfficialChaosClient(world(), 'ivy', 'modern', connectV2Modern),
    new LeavingClient(world(), 'poplar'),
  ];
}
