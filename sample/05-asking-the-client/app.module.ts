import { Module } from '@nestjs/common';
import { InMemoryClientRequestAdapter, InMemorySessionAdapter, McpModule } from 'nestjs-mcp-adapters';
import { TripsModule } from './trips/trips.module.js';

const isStateless = process.env['STATELESS'] === '1';

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'trips', title: 'Trips', version: '1.0.0' },
      // Clients of 2025-11-25 and before are asked within a session. A running tool waits in the second adapter for the
      // answer of any client. Without both, clients of 2026-07-28 are asked all the same: the tool runs again each time.
      ...(!isStateless && {
        sessionAdapter: new InMemorySessionAdapter(),
        clientRequestAdapter: new InMemoryClientRequestAdapter({ defaultTimeoutMs: 5 * 60_000 }),
      }),
    }),
    TripsModule,
  ],
})
export class AppModule {}
