import { Module } from '@nestjs/common';
import { McpModule, MemoryStore } from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { LoansService } from './loans/loans.service.js';
import { LoansTools } from './loans/loans.tools.js';

const url = process.env['REDIS_URL'];

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'loans', title: 'Loans', version: '1.0.0' },
      ...(url === undefined
        ? { store: new MemoryStore() }
        : { store: redisStore({ url }), requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? '' }),
    }),
  ],
  providers: [LoansService, LoansTools],
})
export class AppModule {}
