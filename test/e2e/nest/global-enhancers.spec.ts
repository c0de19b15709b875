import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Catch,
  HttpException,
  Inject,
  Injectable,
  Scope,
  SetMetadata,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector, REQUEST } from '@nestjs/core';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { map } from 'rxjs';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { call, ERAS, resultOf, textOf } from './calls.js';

class OutOfStockError extends Error {}

const guarded: string[] = [];

/** Open unless the handler asks for a role. */
@Injectable()
class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(REQUEST) private readonly injected: unknown,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    guarded.push(context.getType());
    const role = this.reflector.get<string>('role', context.getHandler());
    const request = context.switchToHttp().getRequest();
    if (context.getType<string>() === 'mcp' && this.injected !== undefined && this.injected !== request) {
      throw new Error('The injected request is that of another call');
    }
    return role === undefined || request.headers['x-role'] === role;
  }
}

@Injectable()
class WrapInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const isMcp = context.getType<string>() === 'mcp';
    return next.handle().pipe(map((value: unknown) => (isMcp ? { wrapped: value } : value)));
  }
}

@Injectable()
class TrimPipe implements PipeTransform {
  transform(value: unknown, { type }: { type: string }) {
    return type === 'body' ? { text: (value as { text: string }).text.trim() } : value;
  }
}

@Catch(OutOfStockError)
class StockFilter implements ExceptionFilter {
  catch() {
    return 'Come back later';
  }
}

@Injectable()
class Tools {
  @McpTool()
  echo(args: { text: string }) {
    return args.text;
  }

  @McpTool()
  @SetMetadata('role', 'admin')
  drop(_args: { text: string }) {
    return 'dropped';
  }

  @McpTool()
  buy(_args: { text: string }) {
    throw new OutOfStockError();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestTools {
  @McpTool()
  @SetMetadata('role', 'admin')
  dropScoped(_args: { text: string }) {
    return 'dropped';
  }
}

const SCOPES = { singleton: Scope.DEFAULT, transient: Scope.TRANSIENT, 'request-scoped': Scope.REQUEST };

describe.each(PLATFORMS)('on %s', (platform) => {
  describe.each(Object.entries(SCOPES))('global enhancers that are %s', (_, scope) => {
    let app: TestApp;

    beforeAll(async () => {
      app = await startApp({
        platform,
        imports: [McpModule.forRoot()],
        providers: [
          Tools,
          RequestTools,
          {
            provide: APP_GUARD,
            scope,
            useFactory: (reflector: Reflector, request?: unknown) => new RoleGuard(reflector, request),
            inject: scope === Scope.REQUEST ? [Reflector, REQUEST] : [Reflector],
          },
          { provide: APP_INTERCEPTOR, useClass: WrapInterceptor, scope },
          { provide: APP_PIPE, useClass: TrimPipe, scope },
          { provide: APP_FILTER, useClass: StockFilter, scope },
        ],
      });
    });
    afterAll(() => app.close());
    beforeEach(() => void guarded.splice(0));

    const args = { text: ' a ' };

    it.each(['drop', 'dropScoped'])('guard the route and the tool %s', async (name) => {
      const admitted = await resultOf(app, name, { args, headers: { 'x-role': 'admin' } });
      expect(admitted.structuredContent).toEqual({ wrapped: 'dropped' });
      expect(guarded).toEqual(['http', 'mcp']);
      expect(await textOf(app, name, { args })).toBe('Forbidden resource');
    });

    it.each(ERAS)('change arguments and results in the %s era', async (era) => {
      expect((await resultOf(app, 'echo', { era, args })).structuredContent).toEqual({ wrapped: 'a' });
    });

    it('replace errors', async () => {
      expect(await textOf(app, 'buy', { args })).toBe('Come back later');
    });
  });

  it('a filter that writes to the HTTP response as for a controller decides about the error of the call', async () => {
    @Catch(HttpException)
    class ControllerFilter implements ExceptionFilter {
      catch(error: HttpException, host: any) {
        const response = host.switchToHttp().getResponse();
        response.status(error.getStatus()).send({ statusCode: error.getStatus() });
      }
    }
    class DenyGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        return context.getType<string>() !== 'mcp';
      }
    }
    const app = await startApp({
      platform,
      imports: [McpModule.forRoot()],
      providers: [
        Tools,
        { provide: APP_GUARD, useClass: DenyGuard },
        { provide: APP_FILTER, useClass: ControllerFilter },
      ],
    });
    const answer = await call(app, 'echo', { args: { text: '' } });
    expect([answer.status, answer.messages.length]).toEqual([200, 1]);
    expect(answer.json.result).toMatchObject({ isError: true, content: [{ text: 'Forbidden' }] });
    await app.close();
  });
});
