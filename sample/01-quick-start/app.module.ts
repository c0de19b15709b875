import { Injectable, Module } from '@nestjs/common';
import { IsTimeZone } from 'class-validator';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';

class TimeInDto {
  @IsTimeZone()
  zone!: string;
}

@Injectable()
export class ClockTools {
  @McpTool({ name: 'time_in', description: 'The time in a time zone, such as Europe/Lisbon' })
  timeIn({ zone }: TimeInDto) {
    return new Date().toLocaleString('en-GB', { timeZone: zone });
  }
}

@Module({
  imports: [McpModule.forRoot({ serverInfo: { name: 'clock', version: '1.0.0' } })],
  providers: [ClockTools],
})
export class AppModule {}
