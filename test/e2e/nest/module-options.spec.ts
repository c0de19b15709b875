import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { McpModule, McpTool, type McpModuleOptions, type McpOptionsFactory } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { textOf, toolNames } from './calls.js';

@Injectable()
class Tools {
  @McpTool()
  hello() {
    return 'hello';
  }
}

@Injectable()
class Config {
  readonly options = { path: '/configured', serverInfo: { name: 'configured', version: '2.0.0' } };
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

@Injectable()
class OptionsFactory implements McpOptionsFactory {
  constructor(private readonly config: Config) {}

  async createMcpOptions(): Promise<McpModuleOptions> {
    return this.config.options;
  }
}

@Module({ imports: [ConfigModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsModule {}

const ASYNC: [string, () => DynamicModule][] = [
  [
    'useFactory',
    () =>
      McpModule.forRootAsync({
        imports: [ConfigModule],
        inject: [Config],
        useFactory: async ({ options }: Config) => options,
      }),
  ],
  ['useClass', () => McpModule.forRootAsync({ imports: [ConfigModule], useClass: OptionsFactory })],
  ['useExisting', () => McpModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsFactory })],
];

const initialize = legacy('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1.0.0' },
});

describe.each(PLATFORMS)('McpModule on %s', (platform) => {
  it('serves /mcp without any option', async () => {
    const app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Tools] });
    expect(await textOf(app, 'hello')).toBe('hello');
    const { json } = await app.post(initialize);
    expect(json.result.serverInfo).toEqual({ name: 'mcp-server', version: '0.0.0' });
    expect(json.result).not.toHaveProperty('instructions');
    await app.close();
  });

  it.each(ASYNC)('takes its options, path included, from %s', async (_, configured) => {
    const app = await startApp({
      platform,
      imports: [configured()],
      providers: [Tools],
      path: '/configured',
    });
    const { json } = await app.post(initialize);
    expect(json.result.serverInfo).toEqual({ name: 'configured', version: '2.0.0' });
    expect(await textOf(app, 'hello')).toBe('hello');
    const elsewhere = await fetch(`${app.origin}/mcp`, { method: 'POST' });
    expect(elsewhere.status).toBe(404);
    await app.close();
  });

  it('may be imported by a nested module and finds tools above and below it', async () => {
    @Injectable()
    class OtherTools {
      @McpTool()
      other() {}
    }
    @Module({ imports: [McpModule.forRoot()], providers: [OtherTools] })
    class Inner {}
    @Module({ imports: [Inner] })
    class Outer {}
    const app = await startApp({ platform, imports: [Outer], providers: [Tools] });
    expect((await toolNames(app)).toSorted()).toEqual(['hello', 'other']);
    await app.close();
  });

  it('may be imported twice as one and the same server', async () => {
    const server = McpModule.forRoot();
    @Module({ imports: [server] })
    class One {}
    @Module({ imports: [server] })
    class Two {}
    const app = await startApp({ platform, imports: [One, Two], providers: [Tools] });
    expect(await toolNames(app)).toEqual(['hello']);
    await app.close();
  });

  it('tells clients of the server and its instructions', async () => {
    const serverInfo = { name: 'weather', version: '1.2.3', title: 'Weather' };
    const options = { serverInfo, instructions: 'Ask for one city at a time' };
    const app = await startApp({ platform, imports: [McpModule.forRoot(options)], providers: [Tools] });
    const { json } = await app.post(initialize);
    expect(json.result).toMatchObject(options);
    const discovered = await app.post(...modern('server/discover'));
    expect(discovered.json.result.instructions).toBe(options.instructions);
    expect(discovered.json.result._meta['io.modelcontextprotocol/serverInfo']).toEqual(serverInfo);
    await app.close();
  });
});
