import type { Prompt } from '../protocol/types/prompts.js';
import type { Resource, ResourceTemplate } from '../protocol/types/resources.js';
import type { Tool } from '../protocol/types/tools.js';
import type { McpContext } from './mcp-context.js';

/** The lists of a server, and what each shows. */
interface Listed {
  readonly tools: Tool;
  readonly resources: Resource;
  readonly resourceTemplates: ResourceTemplate;
  readonly prompts: Prompt;
}

/**
 * A list of primitives: `tools`, `resources`, `resourceTemplates` or `prompts`.
 *
 * @publicApi
 */
export type McpListName = keyof Listed;

/**
 * A primitive as its list shows it.
 *
 * @publicApi
 */
export type McpListEntry<L extends McpListName = McpListName> = Listed[L];

/**
 * Decides what each caller may see, for all primitives in one place. Also the token it is injected by.
 *
 * An entry that it leaves out does not exist for that caller: it is missing from the list, and calling, reading or completing
 * it is answered as for an unknown name. Lists then say `cacheScope: private`. Works together with `visible`: both have to
 * agree.
 *
 * @publicApi
 */
export abstract class McpListResolver {
  /**
   * Selects the entries that the caller may see, by name (tools, prompts), URI or URI template.
   *
   * Given the whole list (on later pages: what comes after the cursor) when a list is asked for, and one entry when that
   * one is used; the verdict on an entry must not depend on the others, nor on anything that differs between instances. `ctx.args` is `undefined`. What it throws
   * fails the request.
   */
  abstract resolve(
    list: McpListName,
    entries: readonly McpListEntry[],
    ctx: McpContext,
  ): Promise<Iterable<string>> | Iterable<string>;
}
