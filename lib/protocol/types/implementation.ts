/**
 * An image that stands for a primitive or an implementation.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#icons
 * @publicApi
 */
export interface McpIcon {
  readonly src: string;
  readonly mimeType?: string;
  readonly sizes?: readonly string[];
  readonly theme?: 'light' | 'dark';
}

/**
 * Name and version of a client or server, as it reports itself. For display and logs, not for decisions.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#implementation
 * @publicApi
 */
export interface McpImplementation {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly description?: string;
  readonly websiteUrl?: string;
  readonly icons?: readonly McpIcon[];
}
