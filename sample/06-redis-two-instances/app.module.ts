import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { HealthController } from './health.controller.js';
import { StockModule } from './stock/stock.module.js';

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'stock', title: 'Stock', version: '1.0.0' },
      store: redisStore({ url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' }),
      // At least 32 characters, the same on every instance.
      requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? '',
      // Less than what the platform leaves between SIGTERM and SIGKILL.
      shutdownGraceMs: 10_000,
    }),
    StockModule,
  ],
  controllers: [HealthController],
})
export class AppModule {}
