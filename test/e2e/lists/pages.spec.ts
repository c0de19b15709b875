import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { startApp, type Platform, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';

@Injectable()
class Many {
  @McpTool() e() {}
  @McpTool() b() {}
  @McpTool() d() {}
  @McpTool() a() {}
  @McpTool() c() {}

  @McpPrompt() p2() {
    return '';
  }
  @McpPrompt() p1() {
    return '';
  }
  @McpPrompt() p3() {
    return '';
  }

  @McpResource({ uri: 'x://2' }) r2() {
    return '';
  }
  @McpResource({ uri: 'x://1' }) r1() {
    return '';
  }
  @McpResource({ uri: 'x://3' }) r3() {
    return '';
  }
  @McpResource({ uriTemplate: 'x://b/{v}' }) t2() {
    return '';
  }
  @McpResource({ uriTemplate: 'x://a/{v}' }) t1() {
    return '';
  }
  @McpResource({ uriTemplate: 'x://c/{v}' }) t3() {
    return '';
  }
}

const start = (platform: Platform, options: McpModuleOptions) =>
  startApp({ platform, imports: [McpModule.forRoot(options)], providers: [Many] });

const LISTS = [
  ['tools/list', 'tools', 'name', ['a', 'b', 'c', 'd', 'e']],
  ['prompts/list', 'prompts', 'name', ['p1', 'p2', 'p3']],
  ['resources/list', 'resources', 'uri', ['x://1', 'x://2', 'x://3']],
  ['resources/templates/list', 'resourceTemplates', 'uriTemplate', ['x://a/{v}', 'x://b/{v}', 'x://c/{v}']],
] as const;

describe.each(MATRIX)('lists in pages on %s, %s', (platform, era) => {
  let app: TestApp;
  let other: TestApp;

  beforeAll(async () => {
    app = await start(platform, { pageSize: 2 });
    other = await start(platform, { pageSize: 2 });
  });
  afterAll(() => Promise.all([app.close(), other.close()]));

  /** Every page of a list, each from the other instance in turn. */
  async function pagesOf(method: string, name: string, key: string): Promise<string[][]> {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const instance = pages.length % 2 === 0 ? app : other;
      const result = await resultsIn(instance, era)(method, { ...(cursor !== undefined && { cursor }) });
      pages.push(result[name].map((entry: any) => entry[key]));
      cursor = result.nextCursor;
    } while (cursor !== undefined);
    return pages;
  }

  it.each(LISTS)(
    '%s gives every entry once, in order, whichever instance answers',
    async (method, name, key, all) => {
      const pages = await pagesOf(method, name, key);
      expect(pages.flat()).toEqual(all);
      expect(pages.map(({ length }) => length)).toEqual(all.length === 5 ? [2, 2, 1] : [2, 1]);
    },
  );

  it('goes on after the last entry although that has been removed and others have come', async () => {
    const instance = await start(platform, { pageSize: 2 });
    try {
      const list = resultsIn(instance, era);
      const { nextCursor } = await list('tools/list');
      const registry = instance.app.get(McpRegistry, { strict: false });
      await registry.removeTool('b');
      for (const name of ['a0', 'c0', 'z']) await registry.addTool({ name }, () => '');
      const { tools } = await list('tools/list', { cursor: nextCursor });
      expect(tools.map(({ name }: any) => name)).toEqual(['c', 'c0']);
    } finally {
      await instance.close();
    }
  });

  it.each(['', 'YWJj', '%', 'x'.repeat(50_000), 7, null, {}])('refuses the cursor %.20j', async (cursor) => {
    for (const [method] of LISTS) {
      const { json, status } = await askIn(app, era)(method, { cursor });
      expect(status).toBe(200);
      expect(json.error).toEqual({ code: -32602, message: 'cursor is not one of this list' });
    }
  });

  it('refuses the cursor of another list, and of a server with another secret', async () => {
    const { nextCursor: cursor } = await resultsIn(app, era)('tools/list');
    expect((await askIn(app, era)('prompts/list', { cursor })).json.error.code).toBe(-32602);
    const foreign = await start(platform, { pageSize: 2, cursorSecret: 'of my own' });
    try {
      expect((await askIn(foreign, era)('tools/list', { cursor })).json.error.code).toBe(-32602);
    } finally {
      await foreign.close();
    }
  });
});

describe('lists without a pageSize', () => {
  it('have one page', async () => {
    const app = await start('express', {});
    const { tools, nextCursor } = await resultsIn(app, 'modern')('tools/list');
    expect(tools).toHaveLength(5);
    expect(nextCursor).toBeUndefined();
    await app.close();
  });

  it.each([0, -1, 1.5, NaN, '10'])('a pageSize of %s fails at start', async (pageSize) => {
    await expect(start('express', { pageSize: pageSize as number })).rejects.toThrow(
      'McpModule option pageSize',
    );
  });
});
