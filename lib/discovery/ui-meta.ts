import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isObject } from '../protocol/json-rpc.js';
import type { Meta } from '../protocol/request-meta.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';

/** Scheme of the pages of MCP Apps. */
export const UI_SCHEME = 'ui://';

/** MIME type of the pages of MCP Apps. */
export const UI_MIME_TYPE = 'text/html;profile=mcp-app';

/** Further keys that name a tool's page. */
export interface UiMetaOptions {
  /** True to add the key of OpenAI's Apps SDK. */
  readonly openaiOutputTemplate: boolean;
}

/**
 * The `_meta` of a tool with a page: the nested key of MCP Apps, the flat one that hosts read before it, and OpenAI's on
 * demand. Whatever else the tool's own `_meta` holds stays.
 *
 * @see https://apps.extensions.modelcontextprotocol.io
 */
export function uiMeta(
  { ui, _meta }: McpToolOptions,
  where: string,
  { openaiOutputTemplate }: UiMetaOptions,
): { readonly _meta?: Meta } {
  if (ui === undefined) return {};
  const page = typeof ui === 'string' ? { resourceUri: ui } : ui;
  if (typeof page.resourceUri !== 'string' || !page.resourceUri.startsWith(UI_SCHEME)) {
    throw new McpConfigurationError(
      `${where}: ui must be the URI of a resource that begins with "${UI_SCHEME}"`,
    );
  }
  const own = isObject(_meta?.['ui']) ? _meta['ui'] : {};
  return {
    _meta: {
      ..._meta,
      ui: { ...own, ...page },
      'ui/resourceUri': page.resourceUri,
      ...(openaiOutputTemplate && { 'openai/outputTemplate': page.resourceUri }),
    },
  };
}
