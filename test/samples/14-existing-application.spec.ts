import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createPoster, legacy } from '../support/http.js';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

/** As much of a client as both libraries have in common. */
interface TestClient {
  list(): Promise<any[]>;
  call(name: string, args: Record<string, unknown>): Promise<any>;
  close(): Promise<void>;
}

type Connect = (url: string, key: string) => Promise<TestClient>;

const connectV1: Connect = async (url, key) => {
  const client = new ClientV1({ name: 'test', version: '1.0.0' });
  await client.connect(new TransportV1(new URL(url), { requestInit: { headers: { 'X-Api-Key': key } } }));
  return {
    list: async () => (await client.listTools()).tools,
    call: (name, args) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
};

const connectV2: Connect = async (url, key) => {
  const client = new ClientV2({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new TransportV2(new URL(url), { requestInit: { headers: { 'X-Api-Key': key } } }));
  return {
    list: async () => (await client.listTools()).tools,
    call: (name, args) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
};

const CLIENTS = [
  { client: '@modelcontextprotocol/sdk', connect: connectV1 },
  { client: '@modelcontextprotocol/client', connect: connectV2 },
];

const [CUSTOMER, AGENT] = ['key-of-carol', 'key-of-anton'] as const;

describe.each(['express', 'fastify'])('sample 14-existing-application on %s', (platform) => {
  let sample: RunningProgram;
  let origin: string;

  beforeAll(async () => {
    sample = await startSample('14-existing-application', { PLATFORM: platform, CALLS_PER_MINUTE: '40' });
    ({ origin } = new URL(sample.url));
  }, START_TIMEOUT_MS);

  afterAll(() => sample?.stop());

  it('serves MCP behind the prefix and the version of the application', () => {
    expect(new URL(sample.url).pathname).toBe('/api/v1/mcp');
  });

  describe.each(CLIENTS)('for $client', ({ connect }) => {
    const as = async <T>(key: string, use: (client: TestClient) => Promise<T>): Promise<T> => {
      const client = await connect(sample.url, key);
      return use(client).finally(() => client.close());
    };
    const namesFor = (key: string) =>
      as(key, async (client) => (await client.list()).map(({ name }) => name).toSorted());

    it('shows each caller the tools that its roles reach', async () => {
      expect(await namesFor(CUSTOMER)).toEqual(['find_tickets', 'open_ticket']);
      expect(await namesFor(AGENT)).toEqual(['close_ticket', 'find_tickets', 'open_ticket']);
    });

    it('refuses callers without a key with the status of the guard', async () => {
      await expect(connect(sample.url, 'wrong')).rejects.toThrow(/API key|401/);
    });

    it('publishes the descriptions and defaults of the DTOs', async () => {
      const tools = await as(CUSTOMER, (client) => client.list());
      const { inputSchema } = tools.find(({ name }) => name === 'open_ticket');
      expect(inputSchema).toMatchObject({
        properties: {
          title: { description: 'What is wrong, in one line', minLength: 3 },
          priority: { enum: ['normal', 'urgent'], default: 'normal' },
        },
        required: ['title'],
        additionalProperties: false,
      });
    });

    it('opens a ticket for its caller, within the context of the HTTP request, without the envelope', async () => {
      const { structuredContent } = await as(CUSTOMER, (client) =>
        client.call('open_ticket', { title: 'Printer is on fire' }),
      );
      expect(structuredContent).toEqual({
        number: expect.any(Number),
        title: 'Printer is on fire',
        priority: 'normal',
        openedBy: 'carol',
        state: 'open',
        requestId: expect.stringMatching(/./),
      });
    });

    it('refuses what the DTO does not declare', async () => {
      const { isError, content } = await as(CUSTOMER, (client) =>
        client.call('open_ticket', { title: 'Printer', owner: 'anton' }),
      );
      expect({ isError, text: content[0].text }).toMatchObject({
        isError: true,
        text: expect.stringContaining('owner'),
      });
    });

    it('answers what the service throws by the filter of the application', async () => {
      const { isError, content } = await as(AGENT, (client) => client.call('close_ticket', { number: 999 }));
      expect(isError).toBe(true);
      expect(content[0].text).toContain('There is no ticket with the number 999');
    });
  });

  it('goes on serving REST as before: envelope, roles, filter', async () => {
    const get = (path: string, key: string, method = 'GET') =>
      fetch(`${origin}${path}`, { method, headers: { 'X-Api-Key': key } });
    const tickets: any = await (await get('/api/v1/tickets', CUSTOMER)).json();
    expect(tickets.data[0]).toMatchObject({ title: 'Printer is on fire', openedBy: 'carol' });
    expect((await get('/api/v1/tickets/1', CUSTOMER, 'DELETE')).status).toBe(403);
    const refused = await get('/api/v1/tickets', 'wrong');
    expect(await refused.json()).toMatchObject({ statusCode: 401, requestId: expect.any(String) });
  });

  it('serves health and the Swagger document, in which the endpoint has no part', async () => {
    const health: any = await (await fetch(`${origin}/health`)).json();
    expect(health.data.info.mcp.status).toBe('up');
    const document: any = await (await fetch(`${origin}/docs-json`)).json();
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/api/v1/tickets',
      '/api/v1/tickets/{number}',
      '/health',
    ]);
  });

  it('limits the calls of the endpoint as those of every other route', async () => {
    const list = () => createPoster(sample.url)(legacy('tools/list'), { 'X-Api-Key': CUSTOMER });
    let answer = await list();
    for (let sent = 1; sent < 200 && answer.status === 200; sent++) answer = await list();
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', error: { code: -32600 } });
  });
});
