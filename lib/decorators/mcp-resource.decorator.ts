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
   * Cache hint to modern clients for the contents; goes before `cacheHints.read` of the module. Always `private` where
   * access to the resource is restricted.
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
   * Schema of the variables, which are all strings. A URI with invalid variables is answered `-32602`.
   * @default the class of the first parameter, if it is one
   */
  readonly input?: SchemaSource;
  /** Suggests values for the variables, by their names. */
  readonly complete?: Readonly<Record<string, McpCompleter>>;
}

/**
 * Options of a resource, or of a family of resources.
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
 * If several match a URI, a single resource goes before templates, then the longer beginning without a variable,
 * then the template with more text that is no variable.
 *
 * @publicApi
 */
export function McpResource(options: McpResourceOptions): MethodDecorator {
  return definePrimitive({ key: RESOURCE_METADATA, options, hasDetail: true });
}
