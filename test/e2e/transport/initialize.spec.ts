import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { McpModuleOptions } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

const CLIENT = { capabilities: {}, clientInfo: { name: 'client', version: '1.0.0' } };
const SERVER: McpModuleOptions = {
  serverInfo: { name: 'weather', version: '2.0.0', title: 'Weather' },
  instructions: 'Ask for a city',
};

describe.each(PLATFORMS)('legacy handshake on %s', (platform) => {
  let app: TransportApp;
  let subset: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, SERVER);
    subset = await startTransport(platform, { protocolVersions: ['2025-03-26', '2026-07-28', '2025-06-18'] });
  });
  afterAll(() => Promise.all([app.close(), subset.close()]));

  const initialize = (server: TransportApp, protocolVersion: unknown, headers?: Record<string, string>) =>
    server.post(legacy('initialize', { ...CLIENT, protocolVersion }, 'x'), headers);

  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])('agrees on %s', async (version) => {
    const answer = await initialize(app, version);
    expect(answer.status).toBe(200);
    expect(answer.json.result).toEqual({
      protocolVersion: version,
      capabilities: { tools: expect.anything() },
      serverInfo: SERVER.serverInfo,
      instructions: 'Ask for a city',
    });
  });

  it.each(['2024-11-05', '2099-01-01', '2026-07-28', '', 'latest'])(
    'offers its newest legacy version to a client that asks for %j',
    async (version) => {
      expect((await initialize(app, version)).json.result.protocolVersion).toBe('2025-11-25');
      expect((await initialize(subset, version)).json.result.protocolVersion).toBe('2025-06-18');
    },
  );

  it('agrees on a version of its subset only', async () => {
    expect((await initialize(subset, '2025-03-26')).json.result.protocolVersion).toBe('2025-03-26');
    expect((await initialize(subset, '2025-11-25')).json.result.protocolVersion).toBe('2025-06-18');
  });

  it('does not mind a header on initialize', async () => {
    const answer = await initialize(app, '2025-11-25', { 'mcp-protocol-version': '2025-06-18' });
    expect(answer.json.result.protocolVersion).toBe('2025-11-25');
  });

  it('issues no session id', async () => {
    expect((await initialize(app, '2025-11-25')).headers.get('mcp-session-id')).toBeNull();
  });

  it.each([
    ['no parameters', undefined],
    ['no version', { ...CLIENT }],
    ['a version that is no string', { ...CLIENT, protocolVersion: 1 }],
    ['no capabilities', { ...CLIENT, protocolVersion: '2025-11-25', capabilities: undefined }],
    ['no client description', { ...CLIENT, protocolVersion: '2025-11-25', clientInfo: { name: 'x' } }],
  ])('answers initialize with %s with -32602', async (_, params) => {
    const answer = await app.post(legacy('initialize', params, 'x'));
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ id: 'x', error: { code: -32602 } });
  });

  it('answers ping with an empty result', async () => {
    expect((await app.post(legacy('ping', undefined, 'x'))).json).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: {},
    });
  });

  it('takes every log level there is and no other', async () => {
    for (const level of ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']) {
      expect((await app.post(legacy('logging/setLevel', { level }))).json.result).toEqual({});
    }
    for (const level of ['loud', 1, undefined, 'toString']) {
      expect((await app.post(legacy('logging/setLevel', { level }))).json.error.code).toBe(-32602);
    }
  });

  it('lists and calls for every legacy version in the same way', async () => {
    for (const version of ['2025-03-26', '2025-06-18', '2025-11-25']) {
      const headers = { 'mcp-protocol-version': version };
      const list = await app.post(legacy('tools/list'), headers);
      const names = list.json.result.tools.map(({ name }: { name: string }) => name);
      expect(names.sort()).toEqual(['count', 'echo', 'hold']);
      const call = await app.post(legacy('tools/call', { name: 'echo', arguments: {} }), headers);
      expect(call.json.result).toEqual({ content: [{ type: 'text', text: '{}' }] });
    }
  });
});
