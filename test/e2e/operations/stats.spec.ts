import { expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { createMcpTestClient } from 'nestjs-mcp-adapters/testing';
import { startApp } from '../../support/app.js';
import { Gate, toolsOf } from '../sessions/fixture.js';

it.each(['2026-07-28', '2025-11-25'] as const)(
  'the transport counts what is open for %s',
  async (protocolVersion) => {
    const schema = { type: 'object', properties: {} } as const;
    const ask = (ctx: McpContext) =>
      Promise.all(['one', 'two'].map((message) => ctx.elicit({ message, schema })));
    const { app, close } = await startApp({
      imports: [
        McpModule.forRoot({
          sessionAdapter: new InMemorySessionAdapter(),
          clientRequestAdapter: new InMemoryClientRequestAdapter(),
        }),
      ],
      providers: [toolsOf({ ask: async (ctx) => void (await ask(ctx)) })],
    });
    const transport = app.get(StreamableHttpTransport);
    const gate = new Gate();
    const isModern = protocolVersion === '2026-07-28';
    const client = await createMcpTestClient(app, {
      protocolVersion,
      onElicit: async () => {
        await gate.opened;
        return { action: 'accept', content: {} };
      },
    });
    const call = client.callTool('ask');
    await client.until(() => client.questions.length === 2 || transport.stats().pendingQuestions === 2);
    expect(transport.stats()).toEqual({
      sessions: isModern ? 0 : 1,
      streams: isModern ? 1 : 2,
      requests: isModern ? 0 : 1,
      parkedCalls: isModern ? 1 : 0,
      pendingQuestions: 2,
      subscriptions: isModern ? 1 : 0,
      tasks: 0,
    });
    gate.open();
    await call;
    await client.close();
    expect(transport.stats()).toEqual({
      sessions: 0,
      streams: 0,
      requests: 0,
      parkedCalls: 0,
      pendingQuestions: 0,
      subscriptions: 0,
      tasks: 0,
    });
    await close();
  },
);
