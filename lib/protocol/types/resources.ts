import type { Meta } from '../request-meta.js';
import type { Annotations, BlobResourceContents, TextResourceContents } from './content.js';
import type { McpIcon } from './implementation.js';

interface ResourceDescription {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly annotations?: Annotations;
  readonly icons?: readonly McpIcon[];
  readonly _meta?: Meta;
}

/**
 * A resource as `resources/list` shows it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource
 * @publicApi
 */
export interface Resource extends ResourceDescription {
  readonly uri: string;
  /** Bytes of the content, before any encoding. */
  readonly size?: number;
}

/**
 * A family of resources as `resources/templates/list` shows it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource-templates
 * @publicApi
 */
export interface ResourceTemplate extends ResourceDescription {
  readonly uriTemplate: string;
}

/**
 * The whole result of reading a resource, for handlers that want to say everything themselves.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#readresourceresult
 * @publicApi
 */
export interface ReadResourceResult {
  readonly contents: readonly (TextResourceContents | BlobResourceContents)[];
  readonly _meta?: Meta;
}
