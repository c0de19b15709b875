import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { McpHealthIndicator } from 'nestjs-mcp-adapters';

/** Probes of the platform: whether to restart this instance, and whether to send it requests. */
@Controller('health')
export class HealthController {
  constructor(private readonly health: McpHealthIndicator) {}

  /** Does not ask Redis: a restart would not bring it back. */
  @Get('live')
  live() {
    return { status: 'up' };
  }

  /** Not while Redis cannot be reached, nor once the application closes. */
  @Get('ready')
  async ready() {
    const { mcp } = await this.health.isHealthy();
    if (mcp.status === 'down') throw new ServiceUnavailableException(mcp);
    return mcp;
  }
}
