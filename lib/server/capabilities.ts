import type { Era } from '../protocol/era.js';
import type { ServerCapabilities } from '../protocol/types/capabilities.js';
import { UI_EXTENSION } from '../protocol/types/capabilities.js';
import { TaskMethod, TASKS_EXTENSION } from '../protocol/types/tasks.js';
import type { ServerParts } from './server-parts.js';

/** Capabilities of the server for a client of this era: those declared once, and those it has now. */
export function serverCapabilities(
  { registry, announcesTo, tasks }: ServerParts,
  era: Era,
): ServerCapabilities {
  const kinds = new Set([...registry.declared, ...registry.kinds]);
  const isReached = announcesTo(era);
  const listChanged = isReached && { listChanged: true };
  const subscribe = isReached && { subscribe: true };
  const hasTasks = tasks !== undefined && era.methods.has(TaskMethod.Get);
  return era.capabilities({
    ...(isReached && { logging: {} }),
    ...(kinds.has('completions') && { completions: {} }),
    ...(kinds.has('prompts') && { prompts: { ...listChanged } }),
    ...(kinds.has('resources') && { resources: { ...subscribe, ...listChanged } }),
    ...(kinds.has('tools') && { tools: { ...listChanged } }),
    ...((registry.hasPages || hasTasks) && {
      extensions: {
        ...(registry.hasPages && { [UI_EXTENSION]: {} }),
        ...(hasTasks && { [TASKS_EXTENSION]: {} }),
      },
    }),
  });
}
