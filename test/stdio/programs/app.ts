import { ConsoleLogger, Injectable, Logger, Module, type OnModuleInit } from '@nestjs/common';
import {
  McpModule,
  McpRegistry,
  McpResource,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';

/** Prints in every way it can. */
function makeNoise(where: string): void {
  console.log(`console.log ${where}`);
  console.info(`console.info ${where}`);
  console.debug(`console.debug ${where}`);
  console.table([{ where }]);
  console.dir({ where });
  process.stdout.write(`process.stdout ${where}\n`);
  Logger.log(`Logger.log ${where}`);
  new Logger('Noise').warn(`Logger ${where}`);
  new ConsoleLogger('Own').log(`ConsoleLogger ${where}`);
}

const FORM = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } as const;

@Injectable()
export class NoisyTools implements OnModuleInit {
  #cancelled = 0;
  #goOn: () => void = () => {};

  constructor(
    private readonly registry: McpRegistry,
    private readonly transport: StreamableHttpTransport,
  ) {
    makeNoise('of a constructor');
  }

  onModuleInit(): void {
    makeNoise('of a hook');
  }

  beforeApplicationShutdown(): void {
    makeNoise('of the shutdown');
  }

  @McpTool({ input: { type: 'object' } })
  async count(_args: unknown, ctx: McpContext) {
    makeNoise('of a handler');
    await ctx.progress(1, 2);
    void ctx.log.warning('half of it');
    await new Promise<void>((resolve) => (this.#goOn = resolve));
    await ctx.progress(2, 2);
    return 'counted';
  }

  /** Called by a client that has heard of the first half. */
  @McpTool({ input: { type: 'object' } })
  go() {
    this.#goOn();
    return 'gone on';
  }

  @McpTool({ input: { type: 'object' } })
  async ask(_args: unknown, ctx: McpContext) {
    const answer = await ctx.elicit({ message: 'Who?', schema: FORM });
    return answer.action === 'accept' ? `Hello ${String(answer.content['name'])}` : answer.action;
  }

  @McpTool({ input: { type: 'object' } })
  async hang(_args: unknown, ctx: McpContext) {
    await ctx.progress(1);
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    this.#cancelled++;
    return 'never seen';
  }

  @McpTool({ input: { type: 'object' } })
  cancelled() {
    return String(this.#cancelled);
  }

  @McpTool({ input: { type: 'object' } })
  async change() {
    await this.transport.notifyResourceUpdated('note://one');
    await this.registry.replaceTool({ name: 'late', input: { type: 'object' } }, () => 'late');
    return 'changed';
  }

  @McpResource({ uri: 'note://one', name: 'note' })
  note() {
    return 'a note';
  }
}

@Module({
  imports: [McpModule.forRoot({ serverInfo: { name: 'noisy', version: '1.0.0' } })],
  providers: [NoisyTools],
})
export class AppModule {}
