import { Module, type DynamicModule } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  type McpModuleOptions,
  type Store,
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
    // More than any workload opens: none is to end because another begins.
    limits: { sessions: 20_000 },
    ...(sessions === 'memory' && {
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
    }),
    ...((sessions === 'redis' || sessions === 'postgres' || sessions === 'nats') && {
      store: await openStore(sessions),
      requestStateSecret: 'every instance of the benchmark has the same secret',
    }),
  };
}

async function openStore(kind: 'redis' | 'postgres' | 'nats'): Promise<Store> {
  const { env } = process;
  if (kind === 'redis') {
    const { redisStore } = await import('nestjs-mcp-adapters/redis');
    return redisStore({ url: env['REDIS_URL'] ?? 'redis://localhost:6379' });
  }
  if (kind === 'postgres') {
    const { postgresStore } = await import('nestjs-mcp-adapters/postgres');
    const url = env['DATABASE_URL'] ?? 'postgres://localhost:5432/postgres';
    return postgresStore({ url, migrate: true });
  }
  const { natsStore } = await import('nestjs-mcp-adapters/nats');
  return natsStore({ servers: env['NATS_URL'] ?? 'nats://localhost:4222', migrate: true });
}
