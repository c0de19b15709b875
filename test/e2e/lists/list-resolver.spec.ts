import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, Injectable, Module } from '@nestjs/common';
import {
  McpContext,
  McpListResolver,
  McpModule,
  McpResource,
  McpTool,
  type McpListEntry,
  type McpListName,
} from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';

const userOf = (ctx: McpContext) => (ctx.http?.request as any).headers['x-user'] as string | undefined;

/** Shows each caller the entries that begin with their own name, and those that begin with no name. */
class ByPrefix extends McpListResolver {
  readonly asked: number[] = [];

  override async resolve(
    _: McpListName,
    entries: readonly McpListEntry[],
    ctx: McpContext,
  ): Promise<string[]> {
    this.asked.push(entries.length);
    return entries
      .map((entry) => ('uri' in entry ? entry.uri : entry.name))
      .filter((key) => !/alice|bob/.test(key) || key.includes(userOf(ctx) ?? 'nobody'));
  }
}

@Injectable()
class Tenants {
  @McpTool() alice_1() {
    return 'a';
  }
  @McpTool() alice_2() {
    return 'a';
  }
  @McpTool() bob_1() {
    return 'b';
  }
  @McpTool() common() {
    return 'c';
  }
  @McpResource({ uri: 'x://bob' }) bob() {
    return 'b';
  }
}

describe.each(MATRIX)('a list resolver on %s, %s', (platform, era) => {
  let app: TestApp;
  const resolver = new ByPrefix();
  const as = (user: string) => ({ 'x-user': user });

  beforeAll(async () => {
    const options = {
      pageSize: 2,
      listResolver: resolver,
      cacheHints: { tools: { cacheScope: 'public' as const } },
    };
    app = await startApp({ platform, imports: [McpModule.forRoot(options)], providers: [Tenants] });
  });
  afterAll(() => app.close());

  it('gives each caller pages of their own', async () => {
    const list = resultsIn(app, era);
    const first = await list('tools/list', {}, as('alice'));
    expect(first.tools.map(({ name }: any) => name)).toEqual(['alice_1', 'alice_2']);
    const second = await list('tools/list', { cursor: first.nextCursor }, as('alice'));
    expect(second.tools.map(({ name }: any) => name)).toEqual(['common']);
    expect(second.nextCursor).toBeUndefined();
    const bobs = await list('tools/list', {}, as('bob'));
    expect(bobs.tools.map(({ name }: any) => name)).toEqual(['bob_1', 'common']);
    for (const page of [first, second, bobs]) {
      if (era === 'modern') expect(page.cacheScope).toBe('private');
    }
  });

  it('keeps callers from what it does not show them, asking about that alone', async () => {
    const ask = askIn(app, era);
    resolver.asked.length = 0;
    expect((await ask('tools/call', { name: 'bob_1' }, as('alice'))).json.error).toEqual({
      code: -32602,
      message: 'Unknown tool: bob_1',
    });
    expect((await ask('tools/call', { name: 'bob_1' }, as('bob'))).json.result.content[0].text).toBe('b');
    expect((await ask('resources/read', { uri: 'x://bob' }, as('alice'))).json.error.message).toBe(
      'Resource not found',
    );
    expect((await ask('resources/read', { uri: 'x://bob' }, as('bob'))).json.result.contents[0].text).toBe(
      'b',
    );
    expect(resolver.asked).toEqual([1, 1, 1, 1]);
  });
});

it('a list resolver may be an instance, a class that injects what it needs, or a provider', async () => {
  @Injectable()
  class Names {
    readonly shown = ['common'];
  }
  @Global()
  @Module({ providers: [Names], exports: [Names] })
  class NamesModule {}
  @Injectable()
  class ByNames extends McpListResolver {
    constructor(private readonly names: Names) {
      super();
    }
    override resolve() {
      return this.names.shown;
    }
  }
  const useFactory = (names: Names) => new ByNames(names);
  for (const listResolver of [
    new ByNames(new Names()),
    ByNames,
    { useClass: ByNames },
    { useFactory, inject: [Names] },
  ]) {
    const app = await startApp({
      imports: [NamesModule, McpModule.forRoot({ listResolver })],
      providers: [Tenants],
    });
    const { tools } = await resultsIn(app, 'modern')('tools/list');
    expect(tools.map(({ name }: any) => name)).toEqual(['common']);
    expect(app.app.get(McpListResolver, { strict: false })).toBeInstanceOf(ByNames);
    await app.close();
  }
});
