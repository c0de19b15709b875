import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { ReportsModule } from './reports/reports.module.js';

/** Module of every process of the application: the instances with their HTTP servers, and the worker without. */
@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'reports', title: 'Reports', version: '1.0.0' },
      store: redisStore({ url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' }),
      // At least 32 characters, the same on every instance: a task that is run again elsewhere is sealed with it.
      requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? '',
    }),
    ReportsModule,
  ],
})
export class AppModule {}
