import { Module, type DynamicModule } from '@nestjs/common';
import { McpModule, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { durableObjectStore } from 'nestjs-mcp-adapters/cloudflare';
import type { Environment } from './environment.js';
import { KvClientRequestAdapter } from './kv/kv-client-request.adapter.js';
import { KvSessionAdapter } from './kv/kv-session.adapter.js';
import { ReservationsService } from './reservations/reservations.service.js';
import { ReservationsTools } from './reservations/reservations.tools.js';

@Module({})
export class AppModule {
  static with(environment: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        McpModule.forRoot({
          serverInfo: { name: 'reservations', title: 'Reservations', version: '1.0.0' },
          ...stateIn(environment),
          requestStateSecret: environment.REQUEST_STATE_SECRET,
          allowedHosts: ['*'],
        }),
      ],
      providers: [ReservationsTools, ReservationsService],
    };
  }
}

function stateIn({ STATE, MCP_STORE, MCP_KV }: Environment): McpModuleOptions {
  if (STATE === 'objects') return { store: durableObjectStore({ binding: MCP_STORE }) };
  const sessionAdapter = new KvSessionAdapter(MCP_KV);
  return { sessionAdapter, clientRequestAdapter: new KvClientRequestAdapter(MCP_KV, sessionAdapter) };
}
