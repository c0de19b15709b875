import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import { McpExecutionContext } from 'nestjs-mcp-adapters';

/** Counts calls by principal, wherever they come from. The tool is part of the key as any handler is. */
@Injectable()
export class NotesThrottlerGuard extends ThrottlerGuard {
  protected override async getTracker(
    request: Record<string, unknown>,
    context?: ExecutionContext,
  ): Promise<string> {
    if (!context || !McpExecutionContext.is(context)) return super.getTracker(request);
    const { principal } = McpExecutionContext.create(context).getContext();
    if (!principal) return super.getTracker(request);
    return JSON.stringify([principal.issuer, principal.clientId, principal.subject]);
  }
}
