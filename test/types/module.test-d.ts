import type { DynamicModule, ModuleMetadata } from '@nestjs/common';
import type { StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { McpModule, type McpModuleOptions, type McpOptionsFactory } from 'nestjs-mcp-adapters';
import { expectType, type Equal } from './expect-type.js';

class Config {
  readonly path = '/mcp';
}

class Tools {}

class Factory implements McpOptionsFactory {
  createMcpOptions(): McpModuleOptions {
    return {};
  }
}

class NoFactory {
  createOptions() {
    return {};
  }
}

export const imports: ModuleMetadata['imports'] = [
  McpModule.forRoot(),
  McpModule.forRoot({ name: 'a', path: '/a', protocolVersions: ['2026-07-28'], include: [Config] }),
  McpModule.forRootAsync({ inject: [Config], useFactory: ({ path }: Config) => ({ path }) }),
  McpModule.forRootAsync({ useFactory: async () => ({ path: '/b' }) }),
  McpModule.forRootAsync({ useClass: Factory }),
  McpModule.forRootAsync({ imports: [], useExisting: Factory }),
  McpModule.forFeature([Tools]),
  McpModule.forFeature([{ provide: 'TOOLS', useClass: Tools }], 'a', { imports: [McpModule.forRoot()] }),
];

// @ts-expect-error no such revision
McpModule.forRoot({ protocolVersions: ['2024-11-05'] });
// @ts-expect-error no such option
McpModule.forRoot({ pathname: '/mcp' });
// @ts-expect-error this factory makes nothing
McpModule.forRootAsync({ useClass: NoFactory });

expectType<Equal<ReturnType<typeof McpModule.forRoot>, DynamicModule>>();
expectType<Equal<ReturnType<StreamableHttpTransport['handleRequest']>, Promise<void>>>();
