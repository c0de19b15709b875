import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { formOf, sampled, startScripted, textOf } from './fixture.js';
import type { TestApp } from '../../support/app.js';

const sessions = () => ({
  sessionAdapter: new InMemorySessionAdapter(),
  clientRequestAdapter: new InMemoryClientRequestAdapter(),
});

const worlds: [string, string, () => McpModuleOptions][] = [
  ['2026-07-28', 'parked', () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() })],
  ['2026-07-28', 'replayed', () => ({})],
  ['2026-07-28', 'beside sessions', sessions],
  ['2025-11-25', 'pushed', sessions],
];

describe.each(worlds)('the official client pinned to %s, %s', (version, _, mcp) => {
  let app: TestApp;
  let client: Client;
  let asked: string[];

  beforeAll(async () => {
    app = await startScripted({
      tools: {
        async everything(ctx) {
          await ctx.progress(1, 3, 'told');
          const name = await ctx.elicit({ message: 'Name?', schema: formOf('name') });
          await ctx.progress(2, 3, 'told');
          const [said, roots, page] = await Promise.all([
            ctx.sample({
              messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }],
              maxTokens: 10,
            }),
            ctx.listRoots(),
            ctx.elicit({ message: 'Page', url: 'https://a.example/' }),
          ]);
          await ctx.progress(3, 3, 'told');
          const uris = roots.map(({ uri }) => uri);
          return JSON.stringify([name.content, (said.content as any).text, uris, page.action]);
        },
      },
      prompts: {
        async prompt(ctx) {
          return String((await ctx.elicit({ message: 'Name?', schema: formOf('name') })).content?.['name']);
        },
      },
      resources: {
        async resource(ctx) {
          return String((await ctx.elicit({ message: 'Name?', schema: formOf('name') })).content?.['name']);
        },
      },
      mcp: mcp(),
    });
  });

  beforeEach(async () => {
    asked = [];
    client = new Client(
      { name: 'official', version: '1.0.0' },
      {
        capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
        ...(version === '2026-07-28'
          ? { versionNegotiation: { mode: { pin: version } } }
          : { supportedProtocolVersions: [version] }),
      },
    );
    client.setRequestHandler('elicitation/create', ({ params }: any) => {
      asked.push(params.mode ?? 'form');
      return params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: { name: 'Ada' } };
    });
    client.setRequestHandler('sampling/createMessage', () => {
      asked.push('sampling');
      return sampled('Hello') as any;
    });
    client.setRequestHandler('roots/list', () => {
      asked.push('roots');
      return { roots: [{ uri: 'file:///a' }] };
    });
    await client.connect(new StreamableHTTPClientTransport(new URL(app.url)));
  });

  afterEach(() => client.close());

  afterAll(() => app.close());

  it('answers every kind of question of a tool, and hears of its progress', async () => {
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    const progress: number[] = [];
    const result = await client.callTool(
      { name: 'everything', arguments: {} },
      // The client reports its own rounds in the same way.
      { onprogress: ({ progress: at, message }: any) => message === 'told' && progress.push(at) },
    );
    expect(textOf({ result })).toBe('[{"name":"Ada"},"Hello",["file:///a"],"accept"]');
    expect(asked.toSorted()).toEqual(['form', 'roots', 'sampling', 'url']);
    expect(progress).toEqual([1, 2, 3]);
  });

  it('answers prompts and resources', async () => {
    const { messages } = await client.getPrompt({ name: 'prompt' });
    expect(messages[0]?.content).toEqual({ type: 'text', text: 'Ada' });
    const { contents } = await client.readResource({ uri: 'test://resource' });
    expect(contents[0]).toMatchObject({ text: 'Ada' });
  });
});
