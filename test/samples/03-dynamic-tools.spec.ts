import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const ADMIN_KEY = 'secret of this test';
let sample: RunningProgram;

beforeAll(async () => {
  sample = await startSample('03-dynamic-tools', { ADMIN_KEY });
}, START_TIMEOUT_MS);

afterAll(() => sample.stop());

describe.each(['legacy', 'auto'] as const)('sample 03-dynamic-tools, negotiation %s', (mode) => {
  let user: Client;
  let admin: Client;

  const connect = async (headers: Record<string, string> = {}) => {
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(sample.url), { requestInit: { headers } }),
    );
    return client;
  };
  // Past the cache of the client: what is asked for is what the server says now.
  const namesOf = async (client: Client) =>
    (await client.listTools(undefined, { cacheMode: 'refresh' } as object)).tools.map(({ name }) => name);
  const plugin = (method: string, name: string) => fetch(new URL(`/plugins/${name}`, sample.url), { method });

  beforeEach(async () => {
    [user, admin] = [await connect(), await connect({ 'X-Admin-Key': ADMIN_KEY })];
  });

  afterEach(() => Promise.all([user.close(), admin.close()]));

  it('learns a tool over HTTP, which then checks its arguments and stands behind its guard', async () => {
    expect(await namesOf(user)).toEqual(['list_plugins']);
    expect((await plugin('PUT', 'celsius')).status).toBe(200);
    expect(await namesOf(user)).toEqual(['celsius', 'list_plugins']);
    const call = (fahrenheit: unknown) => user.callTool({ name: 'celsius', arguments: { fahrenheit } });
    expect((await call(212)).content).toEqual([{ type: 'text', text: '100.0 °C' }]);
    expect(await call('hot')).toMatchObject({ isError: true });
    expect(sample.output()).toContain('A plugin is called by');
    expect((await plugin('DELETE', 'celsius')).status).toBe(200);
    expect(await namesOf(user)).toEqual(['list_plugins']);
    await expect(call(212)).rejects.toThrow('Unknown tool: celsius');
  });

  it('shows and gives the tools of administrators to nobody else', async () => {
    expect(await namesOf(admin)).toEqual(['disable_plugin', 'enable_plugin', 'list_plugins']);
    const enable = { name: 'enable_plugin', arguments: { name: 'slug' } };
    await expect(user.callTool(enable)).rejects.toThrow('Unknown tool: enable_plugin');
    expect((await admin.callTool(enable)).content).toEqual([{ type: 'text', text: '"slug" is a tool now' }]);
    const { content } = await user.callTool({ name: 'slug', arguments: { title: 'Hello, world!' } });
    expect(content).toEqual([{ type: 'text', text: 'hello-world' }]);
    expect(await admin.callTool(enable)).toMatchObject({
      isError: true,
      content: [{ text: '"slug" is on already' }],
    });
    await admin.callTool({ name: 'disable_plugin', arguments: { name: 'slug' } });
  });
});

it('tells a connected client of sessions that the list has changed', async () => {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(sample.url)));
  expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: true });
  const told = new Promise<void>((resolve) => {
    client.setNotificationHandler('notifications/tools/list_changed', () => resolve());
  });
  await fetch(new URL('/plugins/dice', sample.url), { method: 'PUT' });
  await told;
  await fetch(new URL('/plugins/dice', sample.url), { method: 'DELETE' });
  await client.close();
});
