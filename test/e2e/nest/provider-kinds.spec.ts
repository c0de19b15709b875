import { describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module, Scope, type CanActivate, type Provider } from '@nestjs/common';
import { APP_GUARD, REQUEST } from '@nestjs/core';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';
import { textOf, toolNames } from './calls.js';

@Injectable()
class Clock {
  readonly now: string = 'noon';
}

@Injectable()
class ClockTools {
  constructor(private readonly clock: Clock) {}

  @McpTool()
  time() {
    return this.clock.now;
  }
}

@Injectable()
class RequestNamed {
  constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}

  @McpTool()
  time() {
    return String(this.request.headers['x-time']);
  }
}

const CLOCK_TOKEN = Symbol('clock');
const factory = (clock: Clock) => new ClockTools(clock);

const KINDS: [string, Provider[]][] = [
  ['a class', [Clock, ClockTools]],
  ['useClass under another token', [Clock, { provide: CLOCK_TOKEN, useClass: ClockTools }]],
  ['useFactory under its class', [Clock, { provide: ClockTools, useFactory: factory, inject: [Clock] }]],
  ['useFactory under another token', [Clock, { provide: 'CLOCK', useFactory: factory, inject: [Clock] }]],
  ['useValue', [{ provide: 'CLOCK', useValue: new ClockTools(new Clock()) }]],
  ['a class and an alias of it', [Clock, ClockTools, { provide: 'CLOCK', useExisting: ClockTools }]],
  [
    'a class and a factory that hands it on',
    [Clock, ClockTools, { provide: 'CLOCK', useFactory: (tools: ClockTools) => tools, inject: [ClockTools] }],
  ],
];

const SCOPED: [string, Provider[]][] = [
  ['useClass', [{ provide: 'NAMED', useClass: RequestNamed, scope: Scope.REQUEST }]],
  [
    'useFactory under its class',
    [
      {
        provide: RequestNamed,
        scope: Scope.REQUEST,
        useFactory: (request: never) => new RequestNamed(request),
        inject: [REQUEST],
      },
    ],
  ],
];

describe('a provider of tools', () => {
  it.each(KINDS)('may be %s', async (_, providers) => {
    const app = await startApp({ imports: [McpModule.forRoot()], providers });
    expect(await toolNames(app)).toEqual(['time']);
    expect(await textOf(app, 'time')).toBe('noon');
    await app.close();
  });

  it.each(SCOPED)('may be request-scoped by %s', async (_, providers) => {
    const app = await startApp({ imports: [McpModule.forRoot()], providers });
    expect(await textOf(app, 'time', { headers: { 'x-time': 'six' } })).toBe('six');
    expect(await textOf(app, 'time', { headers: { 'x-time': 'seven' } })).toBe('seven');
    await app.close();
  });

  it('is refused at boot where a request-scoped global guard would not reach it', async () => {
    class DenyGuard implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    const providers = [
      { provide: 'CLOCK', useFactory: () => new ClockTools(new Clock()) },
      { provide: APP_GUARD, useClass: DenyGuard, scope: Scope.REQUEST },
    ];
    const start = startApp({ imports: [McpModule.forRoot()], providers });
    await expect(start).rejects.toThrow(/CLOCK.*DenyGuard is request-scoped/);
  });

  it('may be overridden in tests, as may what it depends on', async () => {
    @Module({ imports: [McpModule.forRoot()], providers: [Clock, ClockTools] })
    class ClockModule {}
    class LateTools extends ClockTools {
      @McpTool()
      late() {
        return 'late';
      }
    }

    const stubbed = await startApp({
      imports: [ClockModule],
      override: (builder) => builder.overrideProvider(Clock).useValue({ now: 'midnight' }),
    });
    expect(await textOf(stubbed, 'time')).toBe('midnight');
    await stubbed.close();

    const replaced = await startApp({
      imports: [ClockModule],
      override: (builder) => builder.overrideProvider(ClockTools).useClass(LateTools),
    });
    expect(await toolNames(replaced)).toEqual(['late', 'time']);
    await replaced.close();

    const valued = await startApp({
      imports: [ClockModule],
      override: (builder) => builder.overrideProvider(ClockTools).useValue(new LateTools({ now: 'one' })),
    });
    expect(await textOf(valued, 'time')).toBe('one');
    await valued.close();
  });
});
