import { Module, type DynamicModule } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { durableObjectStore } from 'nestjs-mcp-adapters/cloudflare';
import type { Environment } from './environment.js';
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
          store: durableObjectStore({ binding: environment.MCP_STORE }),
          requestStateSecret: environment.REQUEST_STATE_SECRET,
          allowedHosts: ['*'],
        }),
      ],
      providers: [ReservationsTools, ReservationsService],
    };
  }
}
