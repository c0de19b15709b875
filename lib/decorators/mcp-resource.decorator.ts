import type { CacheHint } from '../protocol/types/caching.js';
import type { Annotations } from '../protocol/types/content.js';
import type { SchemaSource } from '../schema/schema-source.js';
import { RESOURCE_METADATA } from '../mcp.constants.js';
import { definePrimitive } from './define-primitive.js';
import type { McpCompleter, PrimitiveOptions } from './primitive-options.js';

interface ReadableOptions extends PrimitiveOptions {
  /** @default the name of the method */
  readonly name?: string;
  /**
   * MIME type of contents that do not say their own.
   * @default `text/html;profile=mcp-app` for `ui://` URIs, else none
   */
  readonly mimeType?: string;
  readonly annotations?: Annotations;
  /**
   * What modern clients may keep of the contents; goes before `cacheHints.read` of the module. Always `private` where the
   * resource is not for everybody.
   */
  readonly cacheHint?: CacheHint;
}

/**
 * A resource with one URI.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource
 * @publicApi
 */
export interface McpStaticResourceOptions extends ReadableOptions {
  /** An absolute URI, unique in the server. */
  readonly uri: string;
  readonly uriTemplate?: undefined;
  /** Bytes of the content, before any encoding. */
  readonly size?: number;
}

/**
 * A family of resources.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource-templates
 * @publicApi
 */
export interface McpResourceTemplateOptions extends ReadableOptions {
  /**
   * A URI template of RFC 6570 without modifiers, unique in the server: `{id}` is one segment, `{+path}` any text,
   * `{?page,size}` optional parameters in any order.
   */
  readonly uriTemplate: string;
  readonly uri?: undefined;
  /**
   * What the variables, strings all, have to be like. A URI whose variables do not fit is answered `-32602`.
   * @default the class of the first parameter, if it is one
   */
  readonly input?: SchemaSource;
  /** Suggests values for the variables, by their names. */
  readonly complete?: Readonly<Record<string, McpCompleter>>;
}

/**
 * How a resource is shown and read.
 *
 * @publicApi
 */
export type McpResourceOptions = McpStaticResourceOptions | McpResourceTemplateOptions;

/**
 * Makes a method of a provider a resource, or a family of them.
 *
 * The method receives `(variables, ctx, uri)`: the variables of the template, percent-decoded (none for a single
 * resource), an `McpContext` and the URI as it was asked for. It may return text, bytes, contents
 * (`{ text | blob, uri?, mimeType?, _meta? }`), an array of contents, a whole `ReadResourceResult` or any other value,
 * which is sent as its JSON. Nothing (`undefined`, `null`) or a `NotFoundException` says that there is no such resource.
 * Guards, pipes, interceptors and filters apply as on a controller.
 *
 * Where several could answer, a single resource goes before templates, then the longer beginning without a variable,
 * then the template with more text that is no variable.
 *
 * @publicApi
 */
export function McpResource(options: McpResourceOptions): MethodDecorator {
  return definePrimitive({ key: RESOURCE_METADATA, options, hasDetail: true });
}
