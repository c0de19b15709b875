import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  RequestTimeoutException,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { catchError, map, of, throwError, timeout, TimeoutError, type Observable } from 'rxjs';
import { startApp, type TestApp } from '../../support/app.js';
import { ERAS, resultOf, textOf } from './calls.js';

@Injectable()
class Translator {
  translate(text: string): string {
    return text.toUpperCase();
  }
}

@Injectable()
class TranslateInterceptor implements NestInterceptor {
  constructor(private readonly translator: Translator) {}

  intercept(_context: ExecutionContext, next: CallHandler<string>): Observable<string> {
    return next.handle().pipe(map((text) => this.translator.translate(text)));
  }
}

class TimeoutInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout(10),
      catchError((error: unknown) =>
        throwError(() => (error instanceof TimeoutError ? new RequestTimeoutException('Too slow') : error)),
      ),
    );
  }
}

class CacheInterceptor implements NestInterceptor {
  intercept(): Observable<unknown> {
    return of({ cached: true });
  }
}

class RecoverInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError(() => of('recovered')));
  }
}

@Injectable()
@UseInterceptors(TranslateInterceptor)
class LoudTools {
  @McpTool()
  greet() {
    return 'hello';
  }
}

@Injectable()
class OtherTools {
  readonly #never = new Promise<string>(() => {});

  @McpTool()
  @UseInterceptors(TimeoutInterceptor)
  slow(_args: object, _ctx: McpContext) {
    return this.#never;
  }

  @McpTool()
  @UseInterceptors(CacheInterceptor)
  cached() {
    throw new Error('must not run');
  }

  @McpTool()
  @UseInterceptors(RecoverInterceptor)
  failing() {
    throw new Error('broken');
  }

  @McpTool()
  observable() {
    return of('first', 'last');
  }
}

describe('interceptors', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()], providers: [Translator, LoudTools, OtherTools] });
  });
  afterAll(() => app.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it('map what the handler returns', async () => {
      expect(await textOf(app, 'greet', { era })).toBe('HELLO');
    });

    it('end a call that takes too long', async () => {
      expect(await resultOf(app, 'slow', { era })).toMatchObject({
        isError: true,
        content: [{ text: 'Too slow' }],
      });
    });

    it('answer in place of the handler', async () => {
      expect(await resultOf(app, 'cached', { era })).toMatchObject({ structuredContent: { cached: true } });
    });

    it('turn an error into a result', async () => {
      expect(await textOf(app, 'failing', { era })).toBe('recovered');
    });
  });

  it('are not needed for a handler that returns an observable: its last value counts', async () => {
    expect(await textOf(app, 'observable')).toBe('last');
  });
});
