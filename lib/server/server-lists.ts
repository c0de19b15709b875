import type { McpListEntry, McpListName } from '../registry/mcp-list-resolver.js';
import type {
  Entry,
  PromptEntry,
  ResourceEntry,
  ResourceTemplateEntry,
  ToolEntry,
} from '../registry/entries.js';
import type { EntrySet } from '../registry/entry-set.js';
import type { Era } from '../protocol/era.js';
import { ListCursor } from '../lists/list-cursor.js';
import { ListPages } from '../lists/list-pages.js';
import type { ServerParts } from './server-parts.js';
import { Visibility } from '../lists/visibility.js';

/** One kind of primitive as callers come to see it. */
export interface ServerList<E extends Entry> {
  readonly visibility: Visibility<E>;
  readonly pages: ListPages<E>;
}

/** The four lists of a server. */
export interface ServerLists {
  readonly tools: ServerList<ToolEntry>;
  readonly resources: ServerList<ResourceEntry>;
  readonly resourceTemplates: ServerList<ResourceTemplateEntry>;
  readonly prompts: ServerList<PromptEntry>;
}

/** Sets up the lists: visibility, pages, cursors and cache hints. */
export function createLists(parts: ServerParts): ServerLists {
  const { tools, resources, resourceTemplates, prompts } = parts.registry;
  const create = createListFor(parts);
  return {
    tools: create('tools', tools, ({ tool }, era) => era?.tool(tool) ?? tool),
    resources: create('resources', resources, ({ resource }) => resource),
    resourceTemplates: create(
      'resourceTemplates',
      resourceTemplates,
      ({ resourceTemplate }) => resourceTemplate,
    ),
    prompts: create('prompts', prompts, ({ prompt }) => prompt),
  };
}

function createListFor({
  serverInfo,
  cacheHints,
  cursorSecret,
  pageSize,
  listResolver,
  permissions,
}: ServerParts) {
  return <E extends Entry>(
    name: McpListName,
    entries: EntrySet<E>,
    describe: (entry: E, era?: Era) => McpListEntry,
  ): ServerList<E> => {
    const visibility = new Visibility(name, entries, describe, { resolver: listResolver, permissions });
    const pages = new ListPages({
      name,
      entries,
      visibility,
      describe,
      cursor: new ListCursor(cursorSecret, name),
      pageSize,
      cacheHint: cacheHints[name],
      isProtected: permissions !== undefined,
      serverInfo,
    });
    return { visibility, pages };
  };
}
