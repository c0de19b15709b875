import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, type McpModuleOptions } from 'nestjs-mcp-adapters';
import type { AppOptions } from '../../support/app.js';
import { send, type HttpAnswer } from '../../support/http.js';
import { startProtected } from '../auth/fixture.js';
import { TestIssuer } from '../auth/issuer.js';
import { PLACES, startTransport, type Place, type TransportApp } from './fixture.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let app: Pick<TransportApp, 'url' | 'close'> | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function open(
  { platform, mount }: Place,
  options: McpModuleOptions = {},
  nest: Omit<AppOptions, 'platform'> = {},
): Promise<(accept?: string, headers?: Record<string, string>) => Promise<HttpAnswer>> {
  const { url, close } = await startTransport(platform, { mount, ...options }, nest);
  app = { url, close };
  return (accept = BROWSER, headers = {}) => send(url, { method: 'GET', headers: { accept, ...headers } });
}

/** The text of what a page shows in its blocks of code. */
function blocksOf(page: string): string[] {
  return [...page.matchAll(/<pre><code>(.*?)<\/code><\/pre>/gs)].map(([, text = '']) => unescape(text));
}

function unescape(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

describe.each(PLACES)('a browser, on $title,', (place) => {
  it.each([
    ['with sessions', { sessionAdapter: new InMemorySessionAdapter() }],
    ['without', {}],
  ])('gets a page that says how to connect, %s', async (_title, options) => {
    const get = await open(place, { ...options, serverInfo: { name: 'weather', version: '1.2.3' } });
    const { status, headers, text } = await get();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('vary')).toContain('Accept');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(text).toContain('weather');
    expect(text).toContain('1.2.3');
    const [address, command, code, cursor] = blocksOf(text);
    expect(address).toBe(app?.url);
    expect(command).toBe(`claude mcp add --transport http weather '${app?.url}'`);
    expect(JSON.parse(code ?? '')).toEqual({ servers: { weather: { type: 'http', url: app?.url } } });
    expect(JSON.parse(cursor ?? '')).toEqual({ mcpServers: { weather: { url: app?.url } } });
  });

  it('runs nothing, and no style but that of the page', async () => {
    const { headers, text } = await (await open(place))();
    const style = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    expect(text).not.toMatch(/<script|style="|javascript:/i);
  });

  it.each([
    ['*/*'],
    ['text/event-stream'],
    [`${BROWSER}, text/event-stream`],
    ['application/json'],
    ['text/html;q=0, */*'],
    ['text/htmlx'],
  ])('is not what sends Accept: %s', async (accept) => {
    const { status, headers } = await (await open(place))(accept);
    expect(status).toBe(405);
    expect(headers.get('content-type')).toBe('application/json');
  });

  it('finds the address under which the server is known in public', async () => {
    const get = await open(place, { publicUrl: 'https://mcp.example', publicPath: '/tools' });
    expect(blocksOf((await get()).text)[0]).toBe('https://mcp.example/tools');
  });

  it('finds nothing that a request has put there', async () => {
    const get = await open(place, {
      allowedHosts: ['*'],
      serverInfo: {
        name: `$(id)'"><img src=x>`,
        title: '<b>&',
        description: '</p><script>',
        version: '"1"',
        websiteUrl: 'javascript:alert(1)',
      },
    });
    const { text } = await get(BROWSER, { host: 'evil.example:1"><script>' });
    expect(text).not.toMatch(/<script|<img|<b>|javascript:/);
    const named = await get();
    expect(blocksOf(named.text)[1]).toMatch(/^claude mcp add --transport http id-img-src-x '/);
  });

  it('from a foreign host or page is refused like everybody', async () => {
    const get = await open(place);
    expect((await get(BROWSER, { host: 'evil.example' })).status).toBe(403);
    expect((await get(BROWSER, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('is answered like any other where the page is switched off', async () => {
    const get = await open(place, { landingPage: false });
    expect((await get()).status).toBe(405);
  });
});

it('a browser without a token is told to bring one', async () => {
  const issuer = await TestIssuer.start();
  const protectedApp = await startProtected({ issuer });
  app = {
    url: protectedApp.url,
    close: () => Promise.all([protectedApp.close(), issuer.close()]).then(() => {}),
  };
  const { status, headers } = await send(protectedApp.url, {
    method: 'GET',
    headers: { accept: BROWSER },
  });
  expect(status).toBe(401);
  expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
});
