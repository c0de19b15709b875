import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS, type AppOptions } from '../../support/app.js';
import { legacy, modern, send } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

const ORIGIN = 'https://app.example';
const CORS = {
  origin: ORIGIN,
  methods: ['GET', 'POST', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'Content-Type',
    'Accept',
    'Mcp-Session-Id',
    'MCP-Protocol-Version',
    'Last-Event-ID',
    'Mcp-Method',
    'Mcp-Name',
    'Mcp-Param-Region',
  ],
  exposedHeaders: ['Mcp-Session-Id', 'WWW-Authenticate'],
};

const WAYS: readonly { way: string; options: Omit<AppOptions, 'platform'> }[] = [
  { way: 'app.enableCors()', options: { configure: (app) => app.enableCors(CORS) } },
  { way: 'the application options', options: { nest: { cors: CORS } } },
];

describe.each(PLATFORMS.flatMap((platform) => WAYS.map((way) => ({ platform, ...way }))))(
  'CORS on $platform by $way',
  ({ platform, options }) => {
    let app: TransportApp;
    beforeAll(async () => {
      app = await startTransport(platform, { allowedOrigins: [ORIGIN] }, options);
    });
    afterAll(() => app.close());

    it('answers a preflight without asking for more', async () => {
      const answer = await send(app.url, {
        method: 'OPTIONS',
        headers: {
          origin: ORIGIN,
          'access-control-request-method': 'POST',
          'access-control-request-headers':
            'content-type, mcp-protocol-version, mcp-method, mcp-param-region',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(answer.headers.get('access-control-allow-methods')).toMatch(/GET, ?POST, ?DELETE/);
      const allowed = answer.headers.get('access-control-allow-headers')?.split(/, ?/);
      expect(allowed).toEqual(CORS.allowedHeaders);
    });

    it.each([
      ['JSON', 200, modern('tools/list')],
      ['a stream', 200, modern('tools/call', { name: 'count' }, { meta: { progressToken: 1 } })],
      ['an accepted notification', 202, [{ jsonrpc: '2.0', method: 'notifications/x' }, {}]],
      ['an unreadable body', 400, ['{', {}]],
      ['a body that is too large', 413, ['x'.repeat(5 * 1024 * 1024), {}]],
      ['an unknown method', 404, modern('no/such')],
    ] as const)('lets a page read %s', async (_, status, [body, headers]) => {
      const answer = await app.post(body, { ...headers, origin: ORIGIN });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(answer.headers.get('access-control-expose-headers')).toMatch(
        /Mcp-Session-Id, ?WWW-Authenticate/,
      );
    });

    it('does not replace the check of the origin', async () => {
      expect((await app.post(legacy('ping'), { origin: 'https://evil.example' })).status).toBe(403);
    });
  },
);
