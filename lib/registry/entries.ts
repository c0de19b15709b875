import type { MirroredParameter } from '../protocol/mcp-headers.js';
import type { CacheHint } from '../protocol/types/caching.js';
import type { Prompt } from '../protocol/types/prompts.js';
import type { Resource, ResourceTemplate } from '../protocol/types/resources.js';
import type { TaskRules } from '../protocol/types/task-rules.js';
import type { Tool } from '../protocol/types/tools.js';
import type { UriTemplate } from '../protocol/uri-template.js';
import type { Schema } from '../schema/schema.js';
import type { McpContext } from './mcp-context.js';

/**
 * Runs a handler through the application's pipeline. Settles as the handler does.
 *
 * `detail` is the third parameter of handlers that have one: the URI of a resource, the other arguments of a completion.
 */
export type Invoke = (args: unknown, context: McpContext, detail?: unknown) => Promise<unknown>;

/**
 * Checks whether the caller may know of a primitive. For a caller that may not, it does not exist: it is missing from lists,
 * and using it is answered as for an unknown name.
 *
 * Asked on every list and every use; `ctx.args` is `undefined`. What it throws fails the request.
 *
 * @publicApi
 */
export type McpVisible = (ctx: McpContext) => boolean | Promise<boolean>;

/** Rules of access to a primitive, where the server asks for tokens. */
export interface Access {
  /** Scopes a token needs, all of them. */
  readonly scopes: readonly string[];
  /** True if it needs no token at all. */
  readonly isPublic: boolean;
}

/** Properties of every primitive. */
export interface Entry {
  /** Identifies it among its kind: a name, URI or URI template. */
  readonly key: string;
  /** Where it was declared: class and method, or how it was added. */
  readonly where?: string;
  readonly visible: McpVisible | undefined;
  readonly access: Access;
  /** Milliseconds a handler may take. */
  readonly timeoutMs: number | undefined;
  readonly invoke: Invoke;
}

/** A tool as the server keeps it: what it shows, what it accepts and how it is run. */
export interface ToolEntry extends Entry {
  readonly tool: Tool;
  readonly input: Schema;
  readonly output: Schema | undefined;
  readonly mirrored: readonly MirroredParameter[];
  /** Absent where no call becomes a task. */
  readonly task?: TaskRules | undefined;
}

/** Entry with the facts that reading a resource needs. */
export interface ReadableEntry extends Entry {
  readonly mimeType: string | undefined;
  /** Metadata of contents that bring none. */
  readonly contentsMeta: Resource['_meta'];
  readonly cacheHint: CacheHint | undefined;
}

/** A resource with one URI. */
export interface ResourceEntry extends ReadableEntry {
  readonly resource: Resource;
}

/** A family of resources. */
export interface ResourceTemplateEntry extends ReadableEntry {
  readonly resourceTemplate: ResourceTemplate;
  readonly template: UriTemplate;
  /** Schema of the variables; `undefined` if any values will do. */
  readonly input: Schema | undefined;
  readonly completers: Completers;
}

/** A prompt. */
export interface PromptEntry extends Entry {
  readonly prompt: Prompt;
  readonly input: Schema | undefined;
  readonly completers: Completers;
}

/** Suggests values, by the name of the argument: called with the text typed so far and the other arguments. */
export type Completers = ReadonlyMap<string, Invoke>;
