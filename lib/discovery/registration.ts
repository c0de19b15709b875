import type { McpContext, ContentOf } from '../registry/mcp-context.js';
import type { JsonSchema } from '../schema/schema.js';
import type { SchemaSource } from '../schema/schema-source.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import type {
  McpResourceTemplateOptions,
  McpStaticResourceOptions,
} from '../decorators/mcp-resource.decorator.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';

interface Registration {
  /**
   * Method decorators to apply to the handler, as if it were a method: `UseGuards(AdminGuard)`, `SetMetadata('role', 'x')`
   * or whatever is composed of them. A class among them has to be a provider of some module, or need nothing injected.
   * @default none; what is global in the application applies in any case
   */
  readonly decorators?: readonly MethodDecorator[];

  /** Scopes a token needs, all of them, as with `@McpScopes()`. @default none */
  readonly scopes?: readonly string[];

  /** True if it needs no token, as with `@McpPublic()`. @default false */
  readonly isPublic?: boolean;
}

/** The same options with the type of the schema, from which the type of the arguments follows. */
type WithInput<O, S> = Omit<O, 'input'> & { readonly input?: S };

/**
 * A tool to add at run time: the options of `@McpTool()`, with a name.
 *
 * @publicApi
 */
export type McpToolRegistration<S extends SchemaSource = JsonSchema> = Registration &
  WithInput<McpToolOptions, S> & { readonly name: string };

/**
 * A resource, or a family of them, to add at run time: the options of `@McpResource()`. Its name is by default the URI.
 *
 * @publicApi
 */
export type McpResourceRegistration<S extends SchemaSource = JsonSchema> = Registration &
  (McpStaticResourceOptions | WithInput<McpResourceTemplateOptions, S>);

/**
 * A prompt to add at run time: the options of `@McpPrompt()`, with a name.
 *
 * @publicApi
 */
export type McpPromptRegistration<S extends SchemaSource = JsonSchema> = Registration &
  WithInput<McpPromptOptions, S> & { readonly name: string };

/**
 * The handler of a tool or prompt: takes and returns what a decorated method would.
 *
 * @publicApi
 */
export type McpHandler<S extends SchemaSource = JsonSchema> = (
  args: ContentOf<S>,
  ctx: McpContext,
) => unknown;

/**
 * The handler of a resource: takes and returns what a decorated method would.
 *
 * @publicApi
 */
export type McpResourceHandler<S extends SchemaSource = JsonSchema> = (
  variables: ContentOf<S>,
  ctx: McpContext,
  uri: string,
) => unknown;
