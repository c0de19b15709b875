import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { McpImplementation } from '../../../protocol/types/implementation.js';
import { lingerAfter } from './connection.js';
import { readRanges, type HttpExchange } from './http-exchange.js';

const STYLE =
  ':root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:4rem auto;padding:0 1rem}' +
  'pre{background:#8882;border-radius:6px;overflow:auto;padding:.8rem}code{font:14px/1.5 ui-monospace,monospace}' +
  'small{opacity:.7}';

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  vary: 'Accept',
};

/**
 * Answers a person's browser with a page: what this is, and how common clients are connected. Returns whether it was one,
 * and it is known where it found the server.
 */
export function sendPage(
  exchange: HttpExchange,
  serverInfo: McpImplementation,
  urlOf: (exchange: HttpExchange) => string | undefined,
): boolean {
  const url = wantsPage(exchange.request) ? urlOf(exchange) : undefined;
  if (url === undefined) return false;
  const { response } = exchange;
  const page = render(serverInfo, url);
  lingerAfter(response);
  response.writeHead(200, { ...HEADERS, 'content-length': Buffer.byteLength(page) });
  response.end(page);
  return true;
}

/** Browsers ask for a page, and for no event stream. */
function wantsPage({ method, headers: { accept } }: IncomingMessage): boolean {
  if (method !== 'GET' || accept === undefined) return false;
  const ranges = readRanges(accept);
  return ranges.get('text/html') === true && ranges.get('text/event-stream') !== true;
}

function render({ name, title, version, description, websiteUrl }: McpImplementation, url: string): string {
  const heading = escapeHtml(title ?? name);
  // Becomes part of a command line and of keys in files.
  const id = name.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'mcp-server';
  const address = url.replaceAll("'", '%27');
  const blocks: readonly (readonly [client: string, text: string])[] = [
    ['Claude Code', `claude mcp add --transport http ${id} '${address}'`],
    [
      'VS Code, in .vscode/mcp.json',
      JSON.stringify({ servers: { [id]: { type: 'http', url: address } } }, null, 2),
    ],
    ['Cursor, in .cursor/mcp.json', JSON.stringify({ mcpServers: { [id]: { url: address } } }, null, 2)],
  ];
  const website = websiteUrl !== undefined && /^https?:\/\//i.test(websiteUrl) ? websiteUrl : undefined;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">',
    `<title>${heading}</title><style>${STYLE}</style></head><body>`,
    `<h1>${heading} <small>${escapeHtml(version)}</small></h1>`,
    description === undefined ? '' : `<p>${escapeHtml(description)}</p>`,
    '<p>This is an MCP server: AI applications connect to it to use its tools. Its address:</p>',
    `<pre><code>${escapeHtml(url)}</code></pre><h2>Connect</h2>`,
    ...blocks.map(
      ([client, text]) => `<p>${escapeHtml(client)}</p><pre><code>${escapeHtml(text)}</code></pre>`,
    ),
    website === undefined ? '' : `<p><a href="${escapeHtml(website)}">${escapeHtml(website)}</a></p>`,
    '</body></html>\n',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
