/** Metadata keys that the decorators write and the accessor reads. */
export const TOOL_METADATA = 'mcp:tool';
export const RESOURCE_METADATA = 'mcp:resource';
export const PROMPT_METADATA = 'mcp:prompt';
export const COMPLETION_METADATA = 'mcp:completion';

/** Scopes a primitive needs, and whether it needs no token, on methods and classes. */
export const SCOPES_METADATA = 'mcp:scopes';
export const PUBLIC_METADATA = 'mcp:public';

/** Marks the providers of one `forFeature` call with the server they are for. */
export const MCP_FEATURE = 'mcp:feature';

/** The options as resolved and checked: token of `ResolvedOptions`. */
export const MCP_OPTIONS = 'mcp:options';

/** The controller class of one server. */
export const MCP_CONTROLLER = 'mcp:controller';

/**
 * Nest's own key for parameter decorators. Sharing it lets decorators made with `createParamDecorator`, and Nest's
 * `@Req()` or `@Body()`, work on handlers.
 */
export const PARAMETERS_METADATA = '__routeArguments__';

/** Parameter kinds. The arguments take the place of Nest's `@Body()`, so that pipes treat them as a body. */
export const ParameterKind = {
  Request: 0,
  Response: 1,
  Arguments: 3,
  Query: 4,
  PathParameters: 5,
  Headers: 6,
  Session: 7,
  Hosts: 10,
  Ip: 11,
  Context: 100,
  /** The third parameter of handlers that have one. */
  Detail: 101,
} as const;

/** Where `@UseGuards()` and the like put the guards, pipes and interceptors of a class or method. */
export const GUARDS_METADATA = '__guards__';
export const PIPES_METADATA = '__pipes__';
export const INTERCEPTORS_METADATA = '__interceptors__';

/** Where `@UseFilters()` puts the filters of a method. */
export const FILTERS_METADATA = '__exceptionFilters__';

/** Nest's mark of classes whose providers are called from outside: request-scoped `APP_*` enhancers reach only these. */
export const ENTRY_PROVIDER_METADATA = '__entryProvider__';
