import './polyfill.js';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  McpModule,
  McpRegistry,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { durableObjectStore, type StoreObjectNamespace } from 'nestjs-mcp-adapters/cloudflare';
import { createFetchHandler, type FetchHandler } from 'nestjs-mcp-adapters/fetch';

interface Environment {
  readonly NAME: string;
  readonly STORE: StoreObjectNamespace;
  readonly APPLICATION: StoreObjectNamespace;
  readonly SESSION_TTL_MS?: number;
}

const FORM = { type: 'object', properties: { word: { type: 'string' } } } as const;
const NUMBERS = {
  type: 'object',
  properties: { count: { type: 'integer' }, paceMs: { type: 'integer' } },
} as const;
const NAMED = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } as const;
const TOLD = {
  type: 'object',
  properties: { sessionId: { type: 'string' }, number: { type: 'integer' } },
  required: ['sessionId', 'number'],
} as const;

@Injectable()
class Tools {
  // By name: esbuild leaves out the types that Nest injects by.
  @Inject(McpRegistry) readonly registry!: McpRegistry;
  @Inject(StreamableHttpTransport) readonly transport!: StreamableHttpTransport;
  @Inject('NAME') readonly name!: string;

  @McpTool({ name: 'where', input: { type: 'object' } })
  where(): string {
    return this.name;
  }

  @McpTool({ name: 'ask', input: { type: 'object' } })
  async ask(_: unknown, ctx: McpContext): Promise<string> {
    const { action, content } = await ctx.elicit({ message: 'Which word?', schema: FORM });
    return `${action} ${(content as { word?: string } | undefined)?.word} on ${this.name}`;
  }

  @McpTool({ name: 'ask_in_task', input: { type: 'object' }, task: { mode: 'required', ttlMs: 60_000 } })
  async askInTask(_: unknown, ctx: McpContext): Promise<string> {
    return this.ask(_, ctx);
  }

  @McpTool({ name: 'count', input: NUMBERS })
  async count({ count = 10, paceMs = 20 }: { count?: number; paceMs?: number }, ctx: McpContext) {
    for (let number = 1; number <= count; number++) {
      await ctx.progress(number, count);
      await delay(paceMs, undefined, { signal: ctx.signal });
    }
    return `counted on ${this.name}`;
  }

  @McpTool({ name: 'tell', description: 'Sends a log message to a session', input: TOLD })
  async tell({ sessionId, number }: { sessionId: string; number: number }) {
    const session = this.transport.session(sessionId);
    await session.notify('notifications/message', { level: 'info', data: { number } });
    return 'told';
  }

  @McpTool({ name: 'add_tool', input: NAMED })
  async addTool({ name }: { name: string }): Promise<string> {
    await this.registry.addTool({ name }, () => name);
    return 'added';
  }
}

/** An instance of the application, in an object. */
export class Application {
  #handler: Promise<FetchHandler> | undefined;

  constructor(
    private readonly state: { abort(reason: string): void },
    private readonly environment: Environment,
  ) {}

  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/evict') this.state.abort('evicted');
    return (await (this.#handler ??= this.#start()))(request);
  }

  async #start(): Promise<FetchHandler> {
    const { STORE, NAME, SESSION_TTL_MS } = this.environment;
    const mcp = McpModule.forRoot({
      serverInfo: { name: 'workers', version: '1.0.0' },
      store: durableObjectStore({ binding: STORE }),
      requestStateSecret: 'the same secret at every instance',
      allowedHosts: ['*'],
      ...(SESSION_TTL_MS !== undefined && { sessionTtlMs: SESSION_TTL_MS }),
      // Stands for a guard that has verified a token.
      principal: (request) => {
        const subject = (request as { headers: Record<string, unknown> }).headers['x-user'];
        return typeof subject === 'string' ? { subject } : undefined;
      },
    });
    @Module({ imports: [mcp], providers: [Tools, { provide: 'NAME', useValue: NAME }] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
    return createFetchHandler(app);
  }
}

export default {
  fetch(request: Request, { APPLICATION }: Environment): Promise<Response> {
    return APPLICATION.get(APPLICATION.idFromName('the one') as never).fetch(request as never);
  },
};
