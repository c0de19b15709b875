import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  applyDecorators,
  Catch,
  Global,
  Injectable,
  Module,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { tap } from 'rxjs';
import { McpExecutionContext, McpModule, McpRegistry } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX } from '../../support/ask.js';

@Injectable()
class Journal {
  readonly lines: string[] = [];
}

@Global()
@Module({ providers: [Journal], exports: [Journal] })
class JournalModule {}

@Injectable()
class GlobalGuard implements CanActivate {
  constructor(private readonly journal: Journal) {}
  canActivate(context: ExecutionContext) {
    if (!McpExecutionContext.is(context)) return true;
    this.journal.lines.push(`global guard ${context.getClass().name}`);
    return context.switchToHttp().getRequest().headers['x-blocked'] === undefined;
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedInterceptor {
  constructor(private readonly journal: Journal) {}
  intercept(context: ExecutionContext, next: any) {
    if (!McpExecutionContext.is(context)) return next.handle();
    return next.handle().pipe(tap(() => this.journal.lines.push('scoped interceptor')));
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly journal: Journal,
  ) {}
  canActivate(context: ExecutionContext) {
    const role = this.reflector.get<string>('role', context.getHandler());
    this.journal.lines.push(
      `role guard ${role} ${JSON.stringify(McpExecutionContext.create(context).getArgs())}`,
    );
    return context.switchToHttp().getRequest().headers['x-role'] === role;
  }
}

@Catch(RangeError)
class RangeFilter {
  catch() {
    return 'filtered';
  }
}

class Interceptor {
  intercept(_: ExecutionContext, next: any) {
    return next.handle();
  }
}

const Role = (role: string) => applyDecorators(SetMetadata('role', role), UseGuards(RoleGuard));

describe.each(MATRIX)('what is added at run time, on %s, %s', (platform, era) => {
  let app: TestApp;
  let registry: McpRegistry;
  let journal: Journal;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [JournalModule, McpModule.forRoot()],
      providers: [
        { provide: APP_GUARD, useClass: GlobalGuard },
        { provide: APP_INTERCEPTOR, useClass: ScopedInterceptor },
      ],
    });
    registry = app.app.get(McpRegistry, { strict: false });
    journal = app.app.get(Journal, { strict: false });
    const decorators = [Role('editor')];
    await registry.addTool({ name: 'tool', decorators }, ({ a }) => `tool ${String(a)}`);
    await registry.addResource({ uriTemplate: 'x://{a}', decorators }, ({ a }) => `resource ${String(a)}`);
    await registry.addPrompt(
      { name: 'prompt', arguments: [{ name: 'a' }], decorators, complete: { a: () => ['1'] } },
      ({ a }) => `prompt ${String(a)}`,
    );
  });
  beforeEach(() => void journal.lines.splice(0));
  afterAll(() => app.close());

  const REQUESTS: [string, Record<string, unknown>, string][] = [
    ['tools/call', { name: 'tool', arguments: { a: '1' } }, '{"a":"1"}'],
    ['resources/read', { uri: 'x://1' }, '{"a":"1"}'],
    ['prompts/get', { name: 'prompt', arguments: { a: '1' } }, '{"a":"1"}'],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'prompt' }, argument: { name: 'a', value: '1' } },
      '"1"',
    ],
  ];

  it.each(REQUESTS)(
    'runs %s through global guards and interceptors, scoped ones too, and its own',
    async (method, params, args) => {
      const { json } = await askIn(app, era)(method, params, { 'x-role': 'editor' });
      expect(json.error).toBeUndefined();
      expect(JSON.stringify(json.result)).toMatch(/(tool|resource|prompt) 1|"values":\["1"\]/);
      expect(journal.lines).toEqual([
        'global guard McpDynamicHandlers',
        `role guard editor ${args}`,
        'scoped interceptor',
      ]);
    },
  );

  it.each(REQUESTS)('lets a guard refuse %s', async (method, params) => {
    for (const headers of [{ 'x-role': 'reader' }, { 'x-role': 'editor', 'x-blocked': 'yes' }]) {
      const { json } = await askIn(app, era)(method, params, headers);
      const message = json.error?.message ?? json.result.content[0].text;
      expect(message).toBe('Forbidden resource');
      expect(json.error?.code ?? -32602).toBe(-32602);
    }
    expect(journal.lines).not.toContain('scoped interceptor');
  });

  it('applies filters, interceptors and pipes given as classes or instances', async () => {
    const fail = () => {
      throw new RangeError('out of range');
    };
    await registry.addTool({ name: 'filtered', decorators: [UseFilters(RangeFilter)] }, fail);
    await registry.addTool(
      {
        name: 'piped',
        decorators: [UseInterceptors(Interceptor, new Interceptor()), UsePipes(new ValidationPipe())],
      },
      () => 'piped',
    );
    for (const name of ['filtered', 'piped']) {
      const { json } = await askIn(app, era)('tools/call', { name });
      expect(json.result.content[0].text).toBe(name);
    }
  });

  it('refuses a guard that Nest cannot make, instead of leaving it out', async () => {
    @Injectable()
    class Unknown implements CanActivate {
      constructor(readonly missing: RangeFilter) {}
      canActivate() {
        return true;
      }
    }
    const adding = registry.addTool({ name: 'unguarded', decorators: [UseGuards(Unknown)] }, () => '');
    await expect(adding).rejects.toThrow('McpRegistry.addTool("unguarded"): Unknown cannot be created here');
    expect((await askIn(app, era)('tools/call', { name: 'unguarded' })).json.error.message).toBe(
      'Unknown tool: unguarded',
    );
  });

  it('leaves no mark on the function that was given', async () => {
    const handler = () => 'x';
    await registry.addTool({ name: 'unmarked', decorators: [Role('editor')] }, handler);
    expect(Reflect.getMetadataKeys(handler)).toEqual([]);
  });
});
