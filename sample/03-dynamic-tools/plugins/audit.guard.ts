import { Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { McpExecutionContext } from 'nestjs-mcp-adapters';

/** An ordinary guard, put before every plugin: notes who calls what. */
@Injectable()
export class AuditGuard implements CanActivate {
  private readonly logger = new Logger(AuditGuard.name);

  canActivate(context: ExecutionContext): boolean {
    const { client } = McpExecutionContext.create(context).getContext();
    this.logger.log(`A plugin is called by ${client.info?.name ?? 'somebody'}`);
    return true;
  }
}
