import type { Era } from '../protocol/era.js';
import type { ServerCapabilities } from '../protocol/types/capabilities.js';
import type { ServerParts } from './server-parts.js';

/** What the server can do for a client of this era, derived from what it has now. */
export function serverCapabilities({ registry, delivers }: ServerParts, era: Era): ServerCapabilities {
  const { tools, resources, resourceTemplates, prompts, hasCompleters } = registry;
  const listChanged = delivers.listChanged(era) && { listChanged: true };
  const subscribe = delivers.resourceUpdates(era) && { subscribe: true };
  return era.capabilities({
    ...(delivers.logs(era) && { logging: {} }),
    ...(hasCompleters && { completions: {} }),
    ...(prompts.size > 0 && { prompts: { ...listChanged } }),
    ...(resources.size + resourceTemplates.size > 0 && { resources: { ...subscribe, ...listChanged } }),
    ...(tools.size > 0 && { tools: { ...listChanged } }),
  });
}
