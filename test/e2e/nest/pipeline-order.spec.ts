import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { tap } from 'rxjs';
import { startApp, type TestApp } from '../../support/app.js';
import { textOf } from './calls.js';

const trace: string[] = [];

function guard(name: string) {
  return class implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      if (context.getType<string>() === 'mcp') trace.push(`${name} guard`);
      return true;
    }
  };
}

function interceptor(name: string) {
  return class implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler) {
      if (context.getType<string>() !== 'mcp') return next.handle();
      trace.push(`${name} interceptor`);
      return next.handle().pipe(tap(() => trace.push(`after ${name} interceptor`)));
    }
  };
}

function pipe(name: string) {
  return class implements PipeTransform {
    transform(value: unknown, { type }: { type: string }): unknown {
      if (type === 'body') trace.push(`${name} pipe`);
      return value;
    }
  };
}

@Injectable()
@UseGuards(guard('class'))
@UseInterceptors(interceptor('class'))
@UsePipes(pipe('class'))
class TracedTools {
  @McpTool()
  @UseGuards(guard('method'))
  @UseInterceptors(interceptor('method'))
  @UsePipes(pipe('method'))
  run(_args: Record<string, unknown>, _ctx: McpContext) {
    trace.push('handler');
    return 'done';
  }
}

describe('the pipeline of a tool', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      imports: [McpModule.forRoot()],
      providers: [
        TracedTools,
        { provide: APP_GUARD, useClass: guard('app') },
        { provide: APP_INTERCEPTOR, useClass: interceptor('app') },
        { provide: APP_PIPE, useClass: pipe('app') },
      ],
      configure: (created) => {
        created.useGlobalGuards(new (guard('global'))());
        created.useGlobalInterceptors(new (interceptor('global'))());
        created.useGlobalPipes(new (pipe('global'))());
      },
    });
  });
  afterAll(() => app.close());
  beforeEach(() => void trace.splice(0));

  it('runs guards, interceptors, pipes and the handler, from the application inwards', async () => {
    expect(await textOf(app, 'run')).toBe('done');
    expect(trace).toEqual([
      ...['app guard', 'global guard', 'class guard', 'method guard'],
      ...['app interceptor', 'global interceptor', 'class interceptor', 'method interceptor'],
      ...['app pipe', 'global pipe', 'class pipe', 'method pipe'],
      'handler',
      ...['after method interceptor', 'after class interceptor', 'after global interceptor'],
      'after app interceptor',
    ]);
  });
});
