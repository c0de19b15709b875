import type { Era } from '../protocol/era.js';
import type { ServerCapabilities } from '../protocol/types/capabilities.js';
import { UI_EXTENSION } from '../protocol/types/capabilities.js';
import type { ServerParts } from './server-parts.js';

/** What the server can do for a client of this era: what it declares once, and what it has now. */
export function serverCapabilities({ registry, announcesTo }: ServerParts, era: Era): ServerCapabilities {
  const kinds = new Set([...registry.declared, ...registry.kinds]);
  const isReached = announcesTo(era);
  const listChanged = isReached && { listChanged: true };
  const subscribe = isReached && { subscribe: true };
  return era.capabilities({
    ...(isReached && { logging: {} }),
    ...(kinds.has('completions') && { completions: {} }),
    ...(kinds.has('prompts') && { prompts: { ...listChanged } }),
    ...(kinds.has('resources') && { resources: { ...subscribe, ...listChanged } }),
    ...(kinds.has('tools') && { tools: { ...listChanged } }),
    ...(registry.hasPages && { extensions: { [UI_EXTENSION]: {} } }),
  });
}
