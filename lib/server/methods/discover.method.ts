import { serverCapabilities } from '../capabilities.js';
import type { ServerParts } from '../server-parts.js';
import type { Method } from '../../calls/call.js';

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/discover */
export function discover(parts: ServerParts): Method {
  const hint = { ttlMs: 0, cacheScope: 'public', ...parts.cacheHints.discover } as const;
  // Answers that need authentication must not be in shared caches.
  const cache = parts.permissions ? { ...hint, cacheScope: 'private' as const } : hint;
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
