type Settings = Readonly<Record<string, unknown>>;

/** Name of MCP Apps, in the capabilities of clients and servers. */
export const UI_EXTENSION = 'io.modelcontextprotocol/ui';

/**
 * Capabilities that a client declares.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#clientcapabilities
 * @publicApi
 */
export interface ClientCapabilities {
  readonly experimental?: Readonly<Record<string, Settings>>;
  readonly roots?: Settings;
  readonly sampling?: Settings & { readonly context?: Settings; readonly tools?: Settings };
  readonly elicitation?: Settings & { readonly form?: Settings; readonly url?: Settings };
  readonly extensions?: Readonly<Record<string, Settings>>;
}

/**
 * Capabilities that a server declares.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#servercapabilities
 * @publicApi
 */
export interface ServerCapabilities {
  readonly logging?: Settings;
  readonly completions?: Settings;
  readonly prompts?: { readonly listChanged?: boolean };
  readonly resources?: { readonly subscribe?: boolean; readonly listChanged?: boolean };
  readonly tools?: { readonly listChanged?: boolean };
  readonly extensions?: Readonly<Record<string, Settings>>;
}
