import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { McpRegistry, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { Gate, startSessions, until } from './fixture.js';

const form = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const said = { role: 'assistant' as const, model: 'm', content: { type: 'text' as const, text: 'a poem' } };
const roots = [{ uri: 'file:///home/ada', name: 'home' }];

describe.each(PLATFORMS)('an official client with a session on %s', (platform) => {
  let app: TestApp;
  let gate: Gate;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    gate = new Gate();
    app = await startSessions({
      platform,
      // fetch of Node.js 24 opens connections in advance, which no server takes for idle.
      nest: { forceCloseConnections: true },
      fastify: { forceCloseConnections: true },
      tools: {
        all: async (ctx) => {
          await ctx.progress(1, 4);
          const { content } = await ctx.elicit({ message: 'Who?', schema: form });
          await ctx.progress(2, 4);
          const { content: poem } = await ctx.sample({ messages: [], maxTokens: 10 });
          await ctx.progress(3, 4);
          const places = await ctx.listRoots();
          await ctx.progress(4, 4);
          return `${String(content?.['name'])}: ${(poem as { text: string }).text} at ${places[0]?.name}`;
        },
        long: async (ctx) => {
          await ctx.progress(1);
          await gate.opened;
          return 'finished';
        },
        poll: async (ctx) => {
          for (let round = 0; round < 3; round++) {
            await ctx.closeStream({ retryMs: 10 });
            await new Promise((resolve) => setTimeout(resolve, 30));
            await ctx.progress(round + 1);
          }
          return 'polled';
        },
      },
    });
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await app.close();
  });

  async function connect(options: { readonly sessionId?: string } = {}) {
    const client = new Client({ name: 'v1', version: '1' }, { capabilities });
    client.setRequestHandler(ElicitRequestSchema, async () => ({
      action: 'accept',
      content: { name: 'Ada' },
    }));
    client.setRequestHandler(CreateMessageRequestSchema, async () => said);
    client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots }));
    const transport = new StreamableHTTPClientTransport(new URL(app.url), options);
    await client.connect(transport);
    closing.push(() => client.close());
    return { client, transport };
  }

  const textIn = ({ content }: any) => content[0].text;

  it('of the first generation answers questions of every kind in the middle of a call', async () => {
    const { client } = await connect();
    const steps: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
    const result = await client.callTool({ name: 'all', arguments: {} }, undefined, { onprogress });
    expect(textIn(result)).toBe('Ada: a poem at home');
    expect(steps).toEqual([1, 2, 3, 4]);
  });

  it('of the second generation does so too', async () => {
    const client = new ClientV2({ name: 'v2', version: '1' }, { capabilities });
    client.setRequestHandler('elicitation/create', async () => ({
      action: 'accept',
      content: { name: 'Ada' },
    }));
    client.setRequestHandler('sampling/createMessage', async () => said);
    client.setRequestHandler('roots/list', async () => ({ roots }));
    await client.connect(new TransportV2(new URL(app.url)));
    closing.push(() => client.close());
    expect(client.getNegotiatedProtocolVersion()).toBe('2025-11-25');
    expect(textIn(await client.callTool({ name: 'all', arguments: {} }))).toBe('Ada: a poem at home');
  });

  it('takes up a call again with the token that another client left', async () => {
    const first = await connect();
    let resumptionToken: string | undefined;
    const params = { name: 'long', arguments: {} };
    first.client
      .request({ method: 'tools/call', params }, CallToolResultSchema, {
        onprogress: () => {},
        onresumptiontoken: (token) => (resumptionToken = token),
      })
      .catch(() => {});
    await until(() => resumptionToken);
    const sessionId = first.transport.sessionId as string;
    await first.client.close();

    const second = await connect({ sessionId });
    gate.open();
    const result = await second.client.request({ method: 'tools/call', params }, CallToolResultSchema, {
      resumptionToken: resumptionToken as string,
    });
    expect(textIn(result)).toBe('finished');
  });

  it('comes back for a call whose stream the handler closes, as often as it does', async () => {
    const { client } = await connect();
    const steps: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
    const result = await client.callTool({ name: 'poll', arguments: {} }, undefined, { onprogress });
    expect(textIn(result)).toBe('polled');
    expect(steps).toEqual([1, 2, 3]);
  });

  it('hears of changes, and ends its session', async () => {
    const { client, transport } = await connect();
    const heard = new Gate();
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => heard.open());
    const stats = () => app.app.get(StreamableHttpTransport).stats();
    await until(() => stats().streams === 1);
    await app.app.get(McpRegistry).addTool({ name: 'late' }, () => 'late');
    await heard.opened;
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('late');
    await transport.terminateSession();
    await until(() => stats().sessions === 0 && stats().streams === 0);
  });
});
