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
  static async create(options: BenchOptions): Promise<DynamicModule> {
    return {
      module: BenchModule,
      imports: [McpModule.forRoot(await mcpOptions(options))],
      providers: [BasicTools, createManyTools(options.tools - 3)],
    };
  }
}

/** How the server is configured for a run. Loads only what that takes. */
async function mcpOptions({ sessions, mount }: BenchOptions): Promise<McpModuleOptions> {
  return {
    serverInfo: { name: 'bench', version: '1.0.0' },
    mount,
    ...(sessions === 'memory' && {
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
    }),
    ...(sessions === 'redis' && {
      store: await openRedis(),
      requestStateSecret: 'every instance of the benchmark has the same secret',
    }),
  };
}

async function openRedis() {
  const { redisStore } = await import('nestjs-mcp-adapters/redis');
  return redisStore({ url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' });
}
