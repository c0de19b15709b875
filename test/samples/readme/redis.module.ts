import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { redisAdapters } from 'nestjs-mcp-adapters/redis';
import { ClockTools } from './app.module.js';

@Module({
  imports: [
    McpModule.forRootAsync({
      useFactory: () => ({
        ...redisAdapters({ url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' }),
        // At least 32 characters, the same on every instance.
        requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? '',
      }),
    }),
  ],
  providers: [ClockTools],
})
export class SharedModule {}
