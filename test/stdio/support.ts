import { PassThrough } from 'node:stream';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { McpModule, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { serveStdio, type ServeStdioOptions } from 'nestjs-mcp-adapters/stdio';
import { toolsOf, until, type Script } from '../e2e/sessions/fixture.js';

export interface PipeSetup {
  readonly tools?: Readonly<Record<string, Script>>;
  readonly mcp?: McpModuleOptions;
  readonly providers?: Type[];
  readonly serve?: ServeStdioOptions;
}

/** The client's ends of a pipe to a server in this process. */
export class Pipe {
  readonly messages: any[] = [];
  #text = '';
  #read = 0;

  constructor(
    readonly input: PassThrough,
    readonly output: PassThrough,
  ) {
    output.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#text + text).split('\n');
      this.#text = lines.pop() as string;
      this.messages.push(...lines.map((line) => JSON.parse(line)));
    });
  }

  write(bytes: string | Uint8Array): void {
    this.input.write(bytes);
  }

  send(...messages: object[]): void {
    for (const message of messages) this.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  /** The next unread message, in the order of arrival. */
  async next(): Promise<any> {
    await until(() => this.messages.length > this.#read);
    return this.messages[this.#read++];
  }

  /** The answer to a request, which may have come before. */
  async answer(id: unknown): Promise<any> {
    const find = () => this.messages.find((message) => message.id === id && !('method' in message));
    await until(find);
    return find();
  }

  /** Sends a legacy or a modern request, and waits for its answer. */
  async request(id: number | string, method: string, params: object = {}): Promise<any> {
    this.send({ id, method, params });
    return this.answer(id);
  }

  async initialize(version = '2025-11-25', capabilities: object = {}): Promise<any> {
    const answer = await this.request(`initialize ${this.messages.length}`, 'initialize', {
      protocolVersion: version,
      capabilities,
      clientInfo: { name: 'test', version: '1' },
    });
    this.send({ method: 'notifications/initialized' });
    this.#read = this.messages.length;
    return answer;
  }
}

export interface RunningPipe extends Pipe {
  readonly app: INestApplicationContext;
  /** Resolves when the application has closed. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Closed after the test that left them open. */
const open = new Set<RunningPipe>();

export async function closePipes(): Promise<void> {
  for (const pipe of open) await pipe.close();
  open.clear();
}

export async function startPipe({
  tools = {},
  mcp,
  providers = [],
  serve,
}: PipeSetup = {}): Promise<RunningPipe> {
  let onClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => (onClosed = resolve));
  class AppModule {
    onApplicationShutdown() {
      onClosed();
    }
  }
  Module({
    imports: [McpModule.forRoot({ serverInfo: { name: 'piped', version: '1.0.0' }, ...mcp })],
    providers: [toolsOf({ echo: (_ctx, args) => JSON.stringify(args), ...tools }), ...providers],
  })(AppModule);
  const pipe = new Pipe(new PassThrough(), new PassThrough());
  const app = await serveStdio(AppModule, {
    logger: false,
    input: pipe.input,
    output: pipe.output,
    ...serve,
  });
  const running = Object.assign(pipe, {
    app,
    closed,
    async close() {
      pipe.input.end();
      await closed;
    },
  });
  open.add(running);
  return running;
}

export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
};

export const modern = (params: object = {}, meta: object = {}) => ({
  ...params,
  _meta: { ...META, ...meta },
});
