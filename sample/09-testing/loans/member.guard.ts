import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

/** Lets those in whom an earlier guard of the application has recognised. */
@Injectable()
export class MemberGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { user } = context.switchToHttp().getRequest<{ user?: { sub?: string } }>();
    if (user?.sub === undefined) throw new ForbiddenException('Only members may borrow books');
    return true;
  }
}
