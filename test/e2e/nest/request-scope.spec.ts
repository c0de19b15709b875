import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Scope, UseGuards, type CanActivate } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { ERAS, textOf, toolNames } from './calls.js';

interface Requested {
  readonly headers: Record<string, string>;
}

let created = 0;
const waiting: (() => void)[] = [];

/** Holds each caller until two are there. */
function meetAnother(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 2) waiting.splice(0).forEach((go) => go());
  });
}

@Injectable({ scope: Scope.REQUEST })
class RequestTools {
  readonly #number = ++created;

  constructor(@Inject(REQUEST) private readonly request: Requested) {}

  @McpTool()
  who() {
    return this.request.headers['x-who'];
  }

  @McpTool()
  async meet() {
    await meetAnother();
    return `${this.request.headers['x-who']} ${this.#number}`;
  }
}

@Injectable({ scope: Scope.REQUEST })
class CurrentUser {
  constructor(@Inject(REQUEST) private readonly request: Requested) {}

  get name() {
    return this.request.headers['x-who'];
  }
}

@Injectable()
class DependentTools {
  constructor(private readonly user: CurrentUser) {}

  @McpTool()
  dependent() {
    return this.user.name;
  }
}

@Injectable({ scope: Scope.REQUEST })
class UserGuard implements CanActivate {
  constructor(private readonly user: CurrentUser) {}

  canActivate(): boolean {
    return this.user.name === 'ada';
  }
}

@Injectable()
class GuardedTools {
  @McpTool()
  @UseGuards(UserGuard)
  guarded() {
    return 'let in';
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class TransientTools {
  #calls = 0;

  @McpTool()
  count() {
    return String(++this.#calls);
  }
}

describe.each(PLATFORMS)('request-scoped providers on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [McpModule.forRoot()],
      providers: [CurrentUser, RequestTools, DependentTools, GuardedTools, TransientTools],
    });
  });
  afterAll(() => app.close());
  beforeEach(() => void (created = 0));

  it('have their tools listed without being made', async () => {
    expect(await toolNames(app)).toEqual(['count', 'dependent', 'guarded', 'meet', 'who']);
    expect(created).toBe(0);
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it('inject the HTTP request', async () => {
      expect(await textOf(app, 'who', { era, headers: { 'x-who': 'ada' } })).toBe('ada');
    });

    it('are two instances for two calls at once', async () => {
      const texts = await Promise.all(
        ['ada', 'bob'].map((who) => textOf(app, 'meet', { era, headers: { 'x-who': who } })),
      );
      expect(texts.map((text) => text.split(' ')[0])).toEqual(['ada', 'bob']);
      expect(new Set(texts.map((text) => text.split(' ')[1])).size).toBe(2);
    });

    it('make what depends on them request-scoped', async () => {
      expect(await textOf(app, 'dependent', { era, headers: { 'x-who': 'ada' } })).toBe('ada');
      expect(await textOf(app, 'dependent', { era, headers: { 'x-who': 'bob' } })).toBe('bob');
    });

    it('guard a tool of a singleton', async () => {
      expect(await textOf(app, 'guarded', { era, headers: { 'x-who': 'ada' } })).toBe('let in');
      expect(await textOf(app, 'guarded', { era, headers: { 'x-who': 'bob' } })).toBe('Forbidden resource');
    });
  });

  it('are one instance for each call of a batch', async () => {
    const calls = [1, 2].map((id) => legacy('tools/call', { name: 'meet', arguments: {} }, id));
    const { json } = await app.post(calls, { 'x-who': 'ada' });
    const texts = json.map(({ result }: any) => result.content[0].text);
    expect(new Set(texts).size).toBe(2);
  });

  it('do not concern transient ones, which are made for each call', async () => {
    expect(await textOf(app, 'count')).toBe('1');
    expect(await textOf(app, 'count')).toBe('1');
  });
});
