import { Injectable } from '@nestjs/common';
import { McpTool } from 'nestjs-mcp-adapters';

@Injectable()
export class ClockTools {
  @McpTool({ name: 'now', description: 'The date and time' })
  now() {
    return new Date().toISOString();
  }
}
