import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { OFFICIAL_CLIENTS, type OfficialClient } from '../../support/clients.js';
import { aborted, startTransport, type TransportApp } from './fixture.js';

describe.each(PLATFORMS)('official clients on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    // After a call is given up, `fetch` keeps a connection in reserve on which it says nothing, and Node would wait for it.
    app = await startTransport(platform, {}, { nest: { forceCloseConnections: true } });
  });
  afterAll(() => app.close());

  async function expectUsable(client: OfficialClient, token: string) {
    expect((await client.listTools()).sort()).toEqual(['count', 'echo', 'hold']);
    const echoed = await client.callTool('echo', { token });
    expect(echoed.content).toEqual([{ type: 'text', text: JSON.stringify({ token }) }]);
    const progress: number[] = [];
    const counted = await client.callTool(
      'count',
      { to: 4 },
      { onprogress: ({ progress: step }) => progress.push(step) },
    );
    expect(counted.content).toEqual([{ type: 'text', text: 'counted to 4' }]);
    expect(progress).toEqual([1, 2, 3, 4]);
  }

  it.each(OFFICIAL_CLIENTS)('serves the official client $kind', async ({ version, connect }) => {
    const client = await connect(app.url);
    expect(client.version).toBe(version);
    await expectUsable(client, version);
    await client.close();
  });

  it('serves all of them at once on one URL', async () => {
    const kinds = [...OFFICIAL_CLIENTS, ...OFFICIAL_CLIENTS, ...OFFICIAL_CLIENTS];
    const clients = await Promise.all(kinds.map(({ connect }) => connect(app.url)));
    await Promise.all(clients.map((client, index) => expectUsable(client, `client ${index}`)));
    await Promise.all(clients.map((client) => client.close()));
  });

  it.each(OFFICIAL_CLIENTS.filter(({ version }) => version === '2026-07-28'))(
    'cancels the call that the official client $kind gives up',
    async ({ connect }) => {
      const client = await connect(app.url);
      const giveUp = new AbortController();
      const call = expect(client.callTool('hold', {}, { signal: giveUp.signal })).rejects.toThrow();
      const { ctx } = await app.tools.nextHeld();
      giveUp.abort();
      await call;
      await aborted(ctx.signal);
      await client.close();
    },
  );

  it('serves an automatic client where only the legacy era is served', async () => {
    const old = await startTransport(platform, { protocolVersions: ['2025-06-18', '2025-03-26'] });
    const automatic = OFFICIAL_CLIENTS.find(({ kind }) => kind.includes('automatic'))!;
    const client = await automatic.connect(old.url);
    expect(client.version).toBe('2025-06-18');
    await expectUsable(client, 'old');
    await client.close();
    await old.close();
  });

  it('tells a legacy client of a modern-only server what it could speak', async () => {
    const modernOnly = await startTransport(platform, { protocolVersions: ['2026-07-28'] });
    await expect(OFFICIAL_CLIENTS[0]!.connect(modernOnly.url)).rejects.toThrow('2026-07-28');
    await modernOnly.close();
  });
});
