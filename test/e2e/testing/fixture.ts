import { Injectable, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpCompletion,
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { Platform } from '../../support/app.js';

/** A bit of everything that a server can offer. */
@Injectable()
export class EverythingTools {
  constructor(
    private readonly registry: McpRegistry,
    private readonly transport: StreamableHttpTransport,
  ) {}

  @McpTool({
    name: 'add',
    input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
    output: { type: 'object', properties: { sum: { type: 'number' } } },
  })
  add({ a, b }: { a: number; b: number }) {
    return { sum: a + b };
  }

  @McpTool({ name: 'count', input: { type: 'object' } })
  async count({ to }: { to: number }, ctx: McpContext) {
    await ctx.log.info('begins to count');
    for (let done = 1; done <= to; done++) await ctx.progress(done, to, `at ${done}`);
    return 'counted';
  }

  @McpTool({ name: 'whoami', input: { type: 'object' } })
  whoami(_args: unknown, { principal }: McpContext) {
    return { subject: principal?.subject ?? null, role: principal?.claims?.['role'] ?? null };
  }

  @McpTool({ name: 'ask', input: { type: 'object' } })
  async ask(_args: unknown, ctx: McpContext) {
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } as const;
    const answer = await ctx.elicit({ message: 'Who are you?', schema });
    return answer.action === 'accept' ? `Hello ${String(answer.content['name'])}` : answer.action;
  }

  @McpTool({ name: 'ask_model', input: { type: 'object' } })
  async askModel(_args: unknown, ctx: McpContext) {
    const messages = [{ role: 'user', content: { type: 'text', text: 'Say hello' } }] as const;
    const { model } = await ctx.sample({ messages, maxTokens: 10 });
    const [root] = await ctx.listRoots();
    return `${model} ${root?.uri}`;
  }

  @McpTool({
    name: 'in_branch',
    input: { type: 'object', properties: { branch: { type: 'string', 'x-mcp-header': 'Branch' } } },
  })
  inBranch({ branch }: { branch: string }) {
    return branch;
  }

  @McpTool({ name: 'wait', input: { type: 'object' } })
  async wait(_args: unknown, ctx: McpContext) {
    await ctx.progress(1);
    await new Promise((_resolve, reject) => {
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error));
    });
  }

  @McpTool({ name: 'pause', input: { type: 'object' } })
  async pause(_args: unknown, ctx: McpContext) {
    await ctx.progress(1);
    await ctx.closeStream({ retryMs: 10 });
    return 'went on';
  }

  @McpTool({ name: 'change', input: { type: 'object' } })
  async change() {
    await this.registry.removeTool('add');
    await this.transport.notifyResourceUpdated('note://one');
    return 'changed';
  }

  @McpTool({ name: 'fail', input: { type: 'object' } })
  fail() {
    throw new Error('for a secret reason');
  }

  @McpResource({ uri: 'note://one', name: 'one' })
  note() {
    return 'the first note';
  }

  @McpResource({ uriTemplate: 'note://by/{author}', name: 'by-author' })
  notesBy({ author }: { author: string }) {
    return `notes by ${author}`;
  }

  @McpPrompt({ name: 'greet', arguments: [{ name: 'name', required: true }] })
  greet({ name }: { name: string }) {
    return `Greet ${name}`;
  }

  @McpCompletion({ prompt: 'greet', argument: 'name' })
  names(value: string) {
    return ['Ada', 'Alan', 'Grace'].filter((name) => name.startsWith(value));
  }
}

export const inMemory = (): McpModuleOptions => ({
  sessionAdapter: new InMemorySessionAdapter(),
  clientRequestAdapter: new InMemoryClientRequestAdapter(),
});

/** An application that is not initialised and does not listen. */
export function createApp(
  platform: Platform,
  options: McpModuleOptions = inMemory(),
): Promise<INestApplication> {
  return createAppOf(platform, {
    imports: [McpModule.forRoot(options)],
    providers: [EverythingTools],
  });
}

export async function createAppOf(platform: Platform, metadata: ModuleMetadata): Promise<INestApplication> {
  const module = await Test.createTestingModule(metadata).compile();
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  return module.createNestApplication(adapter as ExpressAdapter, { logger: false });
}
