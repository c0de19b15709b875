import type { Meta } from '../request-meta.js';
import type { McpIcon } from './implementation.js';

/**
 * Audience of a piece of content, its priority, and when it last changed (ISO 8601).
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#annotations
 * @publicApi
 */
export interface Annotations {
  readonly audience?: readonly ('user' | 'assistant')[];
  readonly priority?: number;
  readonly lastModified?: string;
}

interface Annotated {
  readonly annotations?: Annotations;
  readonly _meta?: Meta;
}

/** Plain text. @publicApi */
export interface TextContent extends Annotated {
  readonly type: 'text';
  readonly text: string;
}

/** An image; `data` is base64. @publicApi */
export interface ImageContent extends Annotated {
  readonly type: 'image';
  readonly data: string;
  readonly mimeType: string;
}

/** Sound; `data` is base64. @publicApi */
export interface AudioContent extends Annotated {
  readonly type: 'audio';
  readonly data: string;
  readonly mimeType: string;
}

/** A resource the client may read itself. Since 2025-06-18. @publicApi */
export interface ResourceLink extends Annotated {
  readonly type: 'resource_link';
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly size?: number;
  readonly icons?: readonly McpIcon[];
}

/** Text of a resource. @publicApi */
export interface TextResourceContents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text: string;
  readonly _meta?: Meta;
}

/** Bytes of a resource; `blob` is base64. @publicApi */
export interface BlobResourceContents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly blob: string;
  readonly _meta?: Meta;
}

/** A resource whose content travels along. @publicApi */
export interface EmbeddedResource extends Annotated {
  readonly type: 'resource';
  readonly resource: TextResourceContents | BlobResourceContents;
}

/**
 * One item of a tool result or prompt message.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result
 * @publicApi
 */
export type ContentBlock = TextContent | ImageContent | AudioContent | ResourceLink | EmbeddedResource;
