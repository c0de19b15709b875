import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ClsService } from 'nestjs-cls';
import { map, type Observable } from 'rxjs';

/** Wraps what REST routes answer, and leaves tools alone: their clients want the result as it is. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  constructor(private readonly cls: ClsService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType<string>() === 'mcp') return next.handle();
    return next.handle().pipe(map((data: unknown) => ({ requestId: this.cls.getId(), data })));
  }
}
