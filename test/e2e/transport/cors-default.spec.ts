import { describe, expect, it } from '@jest/globals';
import { PLATFORMS, type Platform } from '../../support/app.js';
import { modern, send } from '../../support/http.js';
import { startTransport } from './fixture.js';

const ORIGIN = 'https://app.example';
const REQUESTED = [
  'authorization',
  'content-type',
  'accept',
  'mcp-session-id',
  'mcp-protocol-version',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-param-region',
];

/** The one setting that Fastify's plugin needs: by default it lets pages send GET, HEAD and POST only. */
const CORS: Readonly<Partial<Record<Platform, unknown>>> = {
  express: true,
  fastify: { methods: ['GET', 'POST', 'DELETE'] },
};

describe.each(PLATFORMS)('CORS without settings on %s', (platform) => {
  it('lets pages send every header and read those that matter', async () => {
    const app = await startTransport(
      platform,
      { allowedOrigins: [ORIGIN] },
      { nest: { cors: CORS[platform] } },
    );
    try {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const preflight = await send(app.url, {
          method: 'OPTIONS',
          headers: {
            origin: ORIGIN,
            'access-control-request-method': method,
            'access-control-request-headers': REQUESTED.join(','),
          },
        });
        expect(preflight.status).toBe(204);
        expect(preflight.headers.get('access-control-allow-methods')).toContain(method);
        const allowed = preflight.headers.get('access-control-allow-headers')?.split(/, ?/);
        expect(allowed).toEqual(REQUESTED);
      }
      const [body, headers] = modern('tools/list');
      const answer = await app.post(body, { ...headers, origin: ORIGIN });
      expect(answer.headers.get('access-control-expose-headers')).toBe(
        'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After',
      );
    } finally {
      await app.close();
    }
  });
});
