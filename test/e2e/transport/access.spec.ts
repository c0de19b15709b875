import { describe, expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import type { McpModuleOptions } from 'nestjs-mcp-adapters';
import { legacy, send } from '../../support/http.js';
import { PLACES, startTransport, type Place, type TransportApp } from './fixture.js';

class MemoryLogger {
  readonly warnings: string[] = [];
  warn = (message: string) => void this.warnings.push(message);
  log = () => {};
  error = () => {};
}

describe.each(PLACES)('access on $title', (place) => {
  it('lets local names in, and nobody else, when it listens on loopback', async () => {
    await withServer(place, {}, async (app) => {
      const { port } = new URL(app.url);
      for (const host of [`127.0.0.1:${port}`, 'localhost', 'LOCALHOST:1', '[::1]:80', '127.0.0.2']) {
        expect(await statusOf(app, { host })).toBe(200);
      }
      for (const host of [
        'evil.example',
        'localhost.evil.example',
        '127.0.0.1.evil.example',
        'localhost@evil',
        ':80',
      ]) {
        expect(await statusOf(app, { host })).toBe(403);
      }
      for (const origin of ['http://localhost:3000', 'https://127.0.0.1', `http://[::1]:${port}`]) {
        expect(await statusOf(app, { origin })).toBe(200);
      }
      for (const origin of [
        'https://evil.example',
        'null',
        '',
        'localhost',
        'http://localhost/x',
        'file://',
        'http://localhost, http://evil',
      ]) {
        expect(await statusOf(app, { origin })).toBe(403);
      }
    });
  });

  it('refuses with a JSON-RPC error on every verb, before anything runs', async () => {
    await withServer(place, {}, async (app) => {
      const call = JSON.stringify(legacy('tools/call', { name: 'echo' }, 1));
      for (const method of ['POST', 'GET', 'DELETE']) {
        const answer = await send(app.url, {
          method,
          headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
          ...(method === 'POST' && { body: call }),
        });
        expect(answer.status).toBe(403);
        expect(answer.json).toEqual({
          jsonrpc: '2.0',
          id: null,
          error: { code: -32600, message: 'Origin is not allowed: "https://evil.example" (allowedOrigins)' },
        });
      }
      expect(app.tools.calls).toEqual([]);
    });
  });

  it('lets configured hosts in, with or without their port, and still local ones', async () => {
    await withServer(place, { allowedHosts: ['mcp.example', 'ports.example:8443'] }, async (app) => {
      for (const host of ['mcp.example', 'MCP.example:81', 'ports.example:8443', 'localhost']) {
        expect(await statusOf(app, { host })).toBe(200);
      }
      for (const host of ['ports.example', 'ports.example:1', 'sub.mcp.example']) {
        expect(await statusOf(app, { host })).toBe(403);
      }
      expect(await statusOf(app, { host: 'mcp.example', origin: 'https://mcp.example' })).toBe(200);
      expect(await statusOf(app, { host: 'mcp.example', origin: 'https://evil.example' })).toBe(403);
    });
  });

  it('lets configured origins in, and no other', async () => {
    await withServer(place, { allowedOrigins: ['https://app.example'] }, async (app) => {
      expect(await statusOf(app, {})).toBe(200);
      expect(await statusOf(app, { origin: 'https://APP.example' })).toBe(200);
      for (const origin of ['http://app.example', 'https://app.example:1', 'http://localhost', 'null']) {
        expect(await statusOf(app, { origin })).toBe(403);
      }
    });
  });

  it('lets everybody in where that is configured', async () => {
    await withServer(place, { allowedHosts: ['*'], allowedOrigins: ['*'] }, async (app) => {
      expect(await statusOf(app, { host: 'any.example', origin: 'https://other.example' })).toBe(200);
    });
  });

  it('keeps to the list of origins although any host is allowed', async () => {
    const options = { allowedHosts: ['*', 'mcp.example'], allowedOrigins: ['https://app.example'] };
    await withServer(place, options, async (app) => {
      expect(await statusOf(app, { host: 'any.example', origin: 'https://app.example' })).toBe(200);
      for (const origin of ['https://evil.example', 'http://any.example', 'http://mcp.example', 'null']) {
        expect(await statusOf(app, { host: 'any.example', origin })).toBe(403);
      }
    });
  });

  it('warns once of each refused value, and names the option', async () => {
    const logger = new MemoryLogger();
    await withServer(place, { logger, allowedOrigins: ['https://app.example'] }, async (app) => {
      for (let count = 0; count < 3; count++) {
        expect(await statusOf(app, { host: 'evil.example' })).toBe(403);
        expect(await statusOf(app, { origin: 'https://evil.example' })).toBe(403);
      }
      expect(logger.warnings).toEqual([
        expect.stringMatching(/^403: Host .*"evil\.example".*allowedHosts/),
        expect.stringMatching(/^403: Origin .*"https:\/\/evil\.example".*allowedOrigins/),
      ]);
      for (let count = 0; count < 200; count++) await statusOf(app, { host: `evil-${count}.example` });
      expect(logger.warnings).toHaveLength(100);
      expect(logger.warnings.at(-1)).toContain('No further values');
    });
  });

  it('serves strangers when it listens elsewhere, and warns once', async () => {
    const logger = new MemoryLogger();
    await withServer(
      place,
      { logger },
      async (app) => {
        expect(await statusOf(app, { host: 'any.example', origin: 'https://other.example' })).toBe(200);
        expect(logger.warnings).toHaveLength(1);
        expect(logger.warnings[0]).toContain('allowedHosts');
      },
      '0.0.0.0',
    );
  });

  it('keeps to what is configured when it listens elsewhere, and does not warn', async () => {
    const logger = new MemoryLogger();
    await withServer(
      place,
      { logger, allowedOrigins: ['https://app.example'] },
      async (app) => {
        expect(await statusOf(app, { host: 'any.example' })).toBe(200);
        expect(await statusOf(app, { host: 'any.example', origin: 'https://app.example' })).toBe(200);
        expect(await statusOf(app, { host: 'any.example', origin: 'https://evil.example' })).toBe(403);
        expect(await statusOf(app, { host: 'any.example', origin: 'http://localhost' })).toBe(403);
      },
      '0.0.0.0',
    );
    await withServer(
      place,
      { logger, allowedHosts: ['mcp.example'] },
      async (app) => {
        expect(await statusOf(app, { host: 'mcp.example' })).toBe(200);
        expect(await statusOf(app, { host: 'localhost' })).toBe(403);
      },
      '0.0.0.0',
    );
    expect(logger.warnings.filter((line) => !line.startsWith('403: '))).toEqual([]);
  });
});

async function statusOf(app: TransportApp, headers: Record<string, string>): Promise<number> {
  const answer = await send(app.url, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(legacy('ping', undefined, 1)),
  });
  expect(answer.json.error?.code).toBe(answer.status === 200 ? undefined : -32600);
  return answer.status;
}

async function withServer(
  { platform, mount }: Place,
  options: McpModuleOptions,
  run: (app: TransportApp) => Promise<void>,
  address = '127.0.0.1',
): Promise<void> {
  const app = await startTransport(platform, { mount, ...options }, { address });
  try {
    const { port } = app.app.getHttpServer().address() as AddressInfo;
    await run({ ...app, url: `http://127.0.0.1:${port}/mcp` });
  } finally {
    await app.close();
  }
}
