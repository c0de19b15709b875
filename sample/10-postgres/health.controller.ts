import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { McpHealthIndicator } from 'nestjs-mcp-adapters';

@Controller('health')
export class HealthController {
  constructor(private readonly health: McpHealthIndicator) {}

  /** Not while Postgres cannot be reached, nor once the application closes. */
  @Get('ready')
  async ready() {
    const { mcp } = await this.health.isHealthy();
    if (mcp.status === 'down') throw new ServiceUnavailableException(mcp);
    // The process, for the client of this sample, which ends one.
    return { ...mcp, pid: process.pid };
  }
}
