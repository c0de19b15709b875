import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { IS_PUBLIC } from './public.decorator.js';

/** Caller of a request. Two requests with one `sub` are those of one caller. */
export interface User {
  readonly sub: string;
  readonly roles: readonly string[];
}

interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  user?: User;
}

const USERS: Readonly<Record<string, User>> = {
  'key-of-carol': { sub: 'carol', roles: ['customer'] },
  'key-of-anton': { sub: 'anton', roles: ['customer', 'agent'] },
};

/** An ordinary HTTP guard: finds out who calls by the header X-Api-Key. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride(IS_PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const user = USERS[String(request.headers['x-api-key'])];
    if (!user) throw new UnauthorizedException('Send your API key in the header X-Api-Key');
    request.user = user;
    return true;
  }
}
