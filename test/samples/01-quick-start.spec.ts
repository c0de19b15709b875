import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const TIME = /^\d\d\/\d\d\/\d{4}, \d\d:\d\d:\d\d$/;
const CALL = { name: 'time_in', arguments: { zone: 'Europe/Lisbon' } };
const CLIENT = { name: 'test', version: '1.0.0' };

let sample: RunningProgram;
beforeAll(async () => {
  sample = await startSample('01-quick-start');
}, START_TIMEOUT_MS);
afterAll(() => sample?.stop());

it('sample 01-quick-start has one tool, which @modelcontextprotocol/sdk calls', async () => {
  const client = new ClientV1(CLIENT);
  await client.connect(new TransportV1(new URL(sample.url)));
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['time_in']);
  const { content }: any = await client.callTool(CALL);
  expect(content[0].text).toMatch(TIME);
  await client.close();
});

it.each(['legacy', 'auto'] as const)(
  'sample 01-quick-start is called by @modelcontextprotocol/client, %s',
  async (mode) => {
    const client = new ClientV2(CLIENT, { versionNegotiation: { mode } });
    await client.connect(new TransportV2(new URL(sample.url)));
    const { content }: any = await client.callTool(CALL);
    expect(content[0].text).toMatch(TIME);
    await client.close();
  },
);

it('sample 01-quick-start tells a browser how to connect', async () => {
  const answer = await fetch(sample.url, { headers: { Accept: 'text/html' } });
  expect(await answer.text()).toContain('claude mcp add');
});
