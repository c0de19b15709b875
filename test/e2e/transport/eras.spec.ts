import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { OFFICIAL_CLIENTS } from '../../support/clients.js';
import { legacy, modern, type HttpAnswer } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

const VERSION = 'mcp-protocol-version';
const OLD = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;
const KINDS = PLATFORMS.flatMap((platform) =>
  (['stateless', 'with sessions'] as const).map((state) => ({ platform, state })),
);

function expectOld({ status, json }: HttpAnswer, id: unknown = 'x') {
  expect([status, json.id, json.error.code]).toEqual([400, id, -32600]);
}

describe.each(KINDS)('eras on $platform, $state', ({ platform, state }) => {
  const options = () => (state === 'stateless' ? {} : { sessionAdapter: new InMemorySessionAdapter() });
  let both: TransportApp;
  let old: TransportApp;
  let onlyModern: TransportApp;
  beforeAll(async () => {
    both = await startTransport(platform, options(), { nest: { forceCloseConnections: true } });
    old = await startTransport(
      platform,
      { ...options(), protocolVersions: [...OLD] },
      { nest: { forceCloseConnections: true } },
    );
    onlyModern = await startTransport(platform, { ...options(), protocolVersions: ['2026-07-28'] });
  });
  afterAll(() => Promise.all([both.close(), old.close(), onlyModern.close()]));

  const initialize = (protocolVersion: string) =>
    legacy('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } }, 'x');

  it('answers the probe of a modern client as a legacy server does where no modern revision is served', async () => {
    const [body, headers] = modern('server/discover', {}, { id: 'x' });
    expectOld(await old.post(body, headers));
    const { [VERSION]: _, ...undeclared } = headers;
    expectOld(await old.post(body, undeclared));
    expectOld(await old.post(legacy('server/discover', {}, 'x')));
    expectOld(await old.post(legacy('server/discover', {}, 'x'), { [VERSION]: '2026-07-28' }));
    expectOld(await old.post(body, { ...headers, [VERSION]: '2099-01-01' }));
    expectOld(await old.post(body, { ...headers, [VERSION]: '2025-11-25' }));
  });

  it.each(['tools/list', 'tools/call', 'subscriptions/listen'])(
    'answers %s of a modern client as a legacy server does',
    async (method) => {
      const params = method === 'tools/call' ? { name: 'echo' } : {};
      expectOld(await old.post(...modern(method, params, { id: 'x' })));
    },
  );

  it('is what a client of both eras falls back on', async () => {
    const automatic = OFFICIAL_CLIENTS.filter(({ version, kind }) => /automatic|v1/.test(kind + version));
    for (const { connect } of automatic) {
      const client = await connect(old.url);
      expect(client.version).toBe('2025-11-25');
      expect(await client.listTools()).toContain('echo');
      await client.close();
    }
  });

  it('refuses a response of a modern client, and takes its notifications', async () => {
    const headers = { [VERSION]: '2026-07-28' };
    for (const app of [both, onlyModern]) {
      for (const response of [
        { jsonrpc: '2.0', id: 1, result: {} },
        { jsonrpc: '2.0', id: 'a', error: { code: 1, message: 'no' } },
      ]) {
        const answer = await app.post(response, headers);
        expect([answer.status, answer.json.id, answer.json.error.code]).toEqual([400, null, -32600]);
      }
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
      const taken = await app.post(cancelled, headers);
      expect([taken.status, taken.text]).toEqual([202, '']);
    }
  });

  it.each(['2024-11-05', '2099-01-01', '2025-11-25, 2025-11-25', 'latest'])(
    'negotiates in the body of initialize although the header says %j',
    async (version) => {
      for (const app of [both, old]) {
        const answer = await app.post(initialize('2025-06-18'), { [VERSION]: version });
        expect([answer.status, answer.json.result?.protocolVersion]).toEqual([200, '2025-06-18']);
        const newer = await app.post(initialize('2099-01-01'), { [VERSION]: version });
        expect(newer.json.result.protocolVersion).toBe('2025-11-25');
      }
    },
  );

  it('negotiates in the body of initialize although the header names a modern revision that is not served', async () => {
    // The check of the wire reads the revision of an answer from the header of its request.
    const app = await startTransport(platform, { ...options(), protocolVersions: [...OLD] }, { wire: false });
    const answer = await app.post(initialize('2025-06-18'), { [VERSION]: '2026-07-28' });
    expect([answer.status, answer.json.result?.protocolVersion]).toEqual([200, '2025-06-18']);
    await app.close();
  });

  it('names its versions where there is nothing to negotiate', async () => {
    const answer = await onlyModern.post(initialize('2025-06-18'), { [VERSION]: '2024-11-05' });
    expect([answer.status, answer.json.error.code, answer.json.error.data.supported]).toEqual([
      400,
      -32022,
      ['2026-07-28'],
    ]);
  });
});
