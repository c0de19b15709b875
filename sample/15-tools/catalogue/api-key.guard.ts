import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** An ordinary HTTP guard: nothing in it knows about MCP. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly apiKey = process.env['API_KEY'] ?? 'library';

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request | undefined>();
    if (request?.headers['x-api-key'] === this.apiKey) return true;
    throw new UnauthorizedException('Send the API key in the header X-Api-Key');
  }
}
