import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { ClockTools } from '../../../sample/01-quick-start/app.module.js';

@Module({
  imports: [
    McpModule.forRootAsync({
      useFactory: () => ({
        serverInfo: { name: 'clock', version: '1.0.0' },
        store: redisStore({ url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' }),
        // At least 32 characters, the same on every instance.
        requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? '',
      }),
    }),
  ],
  providers: [ClockTools],
})
export class SharedModule {}
