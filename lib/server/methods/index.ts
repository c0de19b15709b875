import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import { complete } from './completion.method.js';
import { discover } from './discover.method.js';
import { initialize } from './initialize.method.js';
import { setLogLevel } from './logging.method.js';
import type { Method } from '../../calls/call.js';
import { ping } from './ping.method.js';
import { getPrompt, listPrompts } from './prompts.methods.js';
import { listResources, listResourceTemplates, readResource } from './resources.methods.js';
import { subscribeResource, unsubscribeResource } from './resource-subscriptions.methods.js';
import { cancelTask, getTask, updateTask } from './tasks.methods.js';
import { callTool, listTools } from './tools.methods.js';

/** Every method this server knows; which of them an era has is the era's business. */
export function createMethods(parts: ServerParts, lists: ServerLists): ReadonlyMap<string, Method> {
  const { tasks } = parts;
  return new Map<string, Method>([
    ['initialize', initialize(parts)],
    ['server/discover', discover(parts)],
    ['ping', ping],
    ['logging/setLevel', setLogLevel],
    ['resources/subscribe', subscribeResource(parts, lists)],
    ['resources/unsubscribe', unsubscribeResource],
    ['tools/list', listTools(lists)],
    ['tools/call', callTool(parts, lists)],
    ['resources/list', listResources(lists)],
    ['resources/templates/list', listResourceTemplates(lists)],
    ['resources/read', readResource(parts, lists)],
    ['prompts/list', listPrompts(lists)],
    ['prompts/get', getPrompt(parts, lists)],
    ['completion/complete', complete(parts, lists)],
    ...(tasks
      ? ([
          ['tasks/get', getTask(tasks, parts)],
          ['tasks/update', updateTask(tasks, parts)],
          ['tasks/cancel', cancelTask(tasks, parts)],
        ] as const)
      : []),
  ]);
}
