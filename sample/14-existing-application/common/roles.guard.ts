import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { User } from './api-key.guard.js';
import { Roles } from './roles.decorator.js';

/** The guard of Nest's documentation: lets those pass who have one of the roles that @Roles() names. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.getAllAndOverride(Roles, [context.getHandler(), context.getClass()]);
    if (!roles) return true;
    const { user } = context.switchToHttp().getRequest<{ user?: User }>();
    return roles.some((role) => user?.roles.includes(role));
  }
}
