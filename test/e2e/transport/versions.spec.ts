import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern, type HttpAnswer } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

const ALL = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'];
const VERSION_META = 'io.modelcontextprotocol/protocolVersion';
const VERSION = 'mcp-protocol-version';

function expectUnsupported(answer: HttpAnswer, requested: string, supported = ALL, id: unknown = 'x') {
  expect(answer.status).toBe(400);
  expect(answer.json).toEqual({
    jsonrpc: '2.0',
    id,
    error: { code: -32022, message: expect.any(String), data: { supported, requested } },
  });
}

function expectMismatch(answer: HttpAnswer, id: unknown = 'x') {
  expect(answer.status).toBe(400);
  expect(answer.json).toEqual({ jsonrpc: '2.0', id, error: { code: -32020, message: expect.any(String) } });
}

describe.each(PLATFORMS)('versions of a POST on %s', (platform) => {
  let app: TransportApp;
  let legacyOnly: TransportApp;
  let modernOnly: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform);
    legacyOnly = await startTransport(platform, { protocolVersions: ['2025-06-18', '2025-11-25'] });
    modernOnly = await startTransport(platform, { protocolVersions: ['2026-07-28'] });
  });
  afterAll(() => Promise.all([app.close(), legacyOnly.close(), modernOnly.close()]));

  it.each(ALL.slice(1))('serves %s', async (version) => {
    expect((await app.post(legacy('ping', {}, 'x'), { [VERSION]: version })).json.result).toEqual({});
  });

  it('serves a request that does not say its version as legacy', async () => {
    expect((await app.post(legacy('ping', {}, 'x'))).json.result).toEqual({});
  });

  it.each(['v999.0.0', '2024-11-05', '', '2026-07-28 ,2026-07-28', '__proto__'])(
    'answers the unknown version %j with the versions it supports',
    async (version) => {
      expectUnsupported(await app.post(legacy('ping', {}, 'x'), { [VERSION]: version }), version);
      const [body, headers] = modern('server/discover', {}, { id: 'x', meta: { [VERSION_META]: version } });
      expectUnsupported(await app.post(body, { ...headers, [VERSION]: version }), version);
      const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
      expectUnsupported(await app.post(notification, { [VERSION]: version }), version, ALL, null);
    },
  );

  it('answers -32020 where header and body name different versions', async () => {
    for (const [header, meta] of [
      ['2026-07-28', 'v999.0.0'],
      ['v999.0.0', '2026-07-28'],
      ['2025-11-25', '2026-07-28'],
      ['2026-07-28', '2025-11-25'],
    ] as const) {
      const [body, headers] = modern('server/discover', {}, { id: 'x', meta: { [VERSION_META]: meta } });
      expectMismatch(await app.post(body, { ...headers, [VERSION]: header }));
    }
  });

  it('answers -32020 to a modern body without the header', async () => {
    const [body, { [VERSION]: _, ...headers }] = modern('tools/list', {}, { id: 'x' });
    expectMismatch(await app.post(body, headers));
    expectMismatch(await modernOnly.post(body, headers));
  });

  it('reads a header name in any case', async () => {
    const [body, headers] = modern('tools/list');
    const shouted = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]);
    expect((await app.post(body, Object.fromEntries(shouted))).status).toBe(200);
  });

  it('serves the configured versions only', async () => {
    const [body, headers] = modern('tools/list', {}, { id: 'x' });
    const old = legacy('ping', {}, 'x');
    for (const answer of [
      await legacyOnly.post(body, headers),
      await legacyOnly.post(old, { [VERSION]: '2025-03-26' }),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual({
        jsonrpc: '2.0',
        id: 'x',
        error: { code: -32600, message: 'Unsupported protocol version (supported: 2025-11-25, 2025-06-18)' },
      });
    }
    expect((await legacyOnly.post(legacy('ping'), { [VERSION]: '2025-06-18' })).status).toBe(200);
  });

  it('names its versions to a legacy client if it serves none of them', async () => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    const initialize = legacy('initialize', params, 'x');
    expectUnsupported(await modernOnly.post(initialize), '2025-11-25', ['2026-07-28']);
    const withHeader = await modernOnly.post(initialize, { [VERSION]: '2025-11-25' });
    expectUnsupported(withHeader, '2025-11-25', ['2026-07-28']);
    expectMismatch(await modernOnly.post(legacy('tools/list', {}, 'x')));
  });

  it('tells a modern client everything it serves', async () => {
    const answer = await app.post(...modern('server/discover'));
    expect(answer.json.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ALL,
      ttlMs: 0,
      cacheScope: 'public',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'mcp-server', version: '0.0.0' } },
    });
    expect(answer.json.result).not.toHaveProperty('serverInfo');
    const only = await modernOnly.post(...modern('server/discover'));
    expect(only.json.result.supportedVersions).toEqual(['2026-07-28']);
  });
});
