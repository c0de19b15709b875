import type { Era } from '../protocol/era.js';
import type { ServerCapabilities } from '../protocol/types/capabilities.js';
import type { ServerParts } from './server-parts.js';

/** What the server can do for a client of this era, derived from what it has. */
export function serverCapabilities({ registry }: ServerParts, era: Era): ServerCapabilities {
  return era.capabilities({
    logging: {},
    ...(registry.toolCount > 0 && { tools: {} }),
  });
}
