import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions } from './fixture.js';

const VERSIONS = ['2025-03-26', '2025-06-18', '2025-11-25'];

describe('the protocol version of a session', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startSessions({
      tools: { version: (ctx) => `${ctx.protocolVersion} ${ctx.client.info?.name}` },
    });
  });
  afterAll(() => app.close());

  const versionSeen = ({ json }: { json: any }) => json.result.content[0].text.split(' ')[0];

  describe.each(VERSIONS)('%s', (version) => {
    it('is what initialize agreed on, for every later request', async () => {
      const client = await SessionClient.open(app, { version });
      expect(versionSeen(await client.call('version'))).toBe(version);
    });

    it('holds without the header too', async () => {
      const { id, headers } = await SessionClient.open(app, { version });
      const { 'mcp-protocol-version': _, ...others } = headers;
      expect(versionSeen(await new SessionClient(app.url, id, others).call('version'))).toBe(version);
    });

    it.each(VERSIONS)('holds where the header says %s', async (header) => {
      const client = await SessionClient.open(app, { version });
      const other = client.with({ headers: { 'mcp-protocol-version': header } });
      expect(versionSeen(await other.call('version'))).toBe(version);
      const stream = other.listen();
      expect(await stream.answered()).toBe(200);
      stream.cut();
      expect((await other.delete()).status).toBe(204);
    });

    it.each(['2024-11-05', 'v1', '', '2025-11-25, 2025-11-25'])(
      'refuses a header of "%s"',
      async (header) => {
        const client = await SessionClient.open(app, { version });
        const other = client.with({ headers: { 'mcp-protocol-version': header } });
        for (const answer of [await other.request('ping'), await other.get(), await other.delete()]) {
          expect(answer.status).toBe(400);
          expect(answer.json.error.code).toBe(-32022);
        }
        expect((await client.request('ping')).status).toBe(200);
      },
    );
  });

  it('is offered instead of one the server does not know', async () => {
    const answer = await app.post(
      legacy('initialize', {
        protocolVersion: '2030-01-01',
        capabilities: {},
        clientInfo: { name: 'early', version: '1' },
      }),
    );
    expect(answer.json.result.protocolVersion).toBe('2025-11-25');
    const client = new SessionClient(app.url, '', {
      'mcp-session-id': answer.headers.get('mcp-session-id') as string,
    });
    expect((await client.call('version')).json.result.content[0].text).toBe('2025-11-25 early');
  });

  it('does not concern requests of 2026-07-28, which belong to no session', async () => {
    const client = await SessionClient.open(app);
    const [body, headers] = modern('tools/call', { name: 'version', arguments: {} });
    const answer = await app.post(body, { ...headers, 'mcp-session-id': client.id });
    expect(versionSeen(answer)).toBe('2026-07-28');
    expect((await client.get({ 'mcp-protocol-version': '2026-07-28' })).status).toBe(405);
  });
});

describe('a batch in a session', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startSessions();
  });
  afterAll(() => app.close());

  const batch = ['a', 'b', 'c'].map((id) => legacy('ping', {}, id));

  it('is answered as a batch in 2025-03-26', async () => {
    const client = await SessionClient.open(app, { version: '2025-03-26' });
    const { json, status } = await client.post(batch);
    expect(status).toBe(200);
    expect(json.map(({ id }: any) => id).sort()).toEqual(['a', 'b', 'c']);
  });

  it.each(['2025-06-18', '2025-11-25'])('is refused in %s, whatever the header says', async (version) => {
    const client = await SessionClient.open(app, { version });
    const { 'mcp-protocol-version': _, ...without } = client.headers;
    for (const headers of [client.headers, without, { ...without, 'mcp-protocol-version': '2025-03-26' }]) {
      const answer = await new SessionClient(app.url, client.id, headers).post(batch);
      expect(answer.status).toBe(400);
      expect(answer.json.error.code).toBe(-32600);
    }
  });

  it('may hold notifications only', async () => {
    const client = await SessionClient.open(app, { version: '2025-03-26' });
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const answer = await client.post([initialized, initialized]);
    expect([answer.status, answer.text]).toEqual([202, '']);
  });
});
