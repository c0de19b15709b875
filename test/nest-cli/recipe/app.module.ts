import { Module } from '@nestjs/common';
import { McpModule } from 'nestjs-mcp-adapters';
import { ClockModule } from './clock/clock.module.js';

@Module({
  imports: [McpModule.forRoot({ serverInfo: { name: 'clock', version: '1.0.0' } }), ClockModule],
})
export class AppModule {}
