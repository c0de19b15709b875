import { serverCapabilities } from '../capabilities.js';
import type { ServerParts } from '../server-parts.js';
import type { Method } from './method.js';

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/discover */
export function discover(parts: ServerParts): Method {
  const cache = { ttlMs: 0, cacheScope: 'public', ...parts.cacheHints.discover } as const;
  return ({ era }) =>
    era.complete(
      {
        supportedVersions: parts.versions,
        capabilities: serverCapabilities(parts, era),
        ...(parts.instructions !== undefined && { instructions: parts.instructions }),
      },
      parts.serverInfo,
      cache,
    );
}
