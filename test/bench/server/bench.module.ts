import { Module, type DynamicModule } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { BasicTools } from './basic.tools.js';
import { createManyTools } from './many-tools.js';
import type { BenchOptions } from './options.js';

@Module({})
export class BenchModule {
  static create(options: BenchOptions): DynamicModule {
    return {
      module: BenchModule,
      imports: [McpModule.forRoot(mcpOptions(options))],
      providers: [BasicTools, createManyTools(options.tools - 3)],
    };
  }
}

/** How the server is configured for a run. */
function mcpOptions({ sessions }: BenchOptions): McpModuleOptions {
  return {
    serverInfo: { name: 'bench', version: '1.0.0' },
    ...(sessions === 'memory' && {
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
    }),
  };
}
