import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpContext, McpModule, McpPrompt, McpRegistry, McpResource, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';

const userOf = (ctx: McpContext) => (ctx.http?.request as any).headers['x-user'] as string | undefined;
const visible = async (ctx: McpContext) => userOf(ctx) === 'admin';

@Injectable()
class Things {
  @McpTool() open() {
    return 'open';
  }
  @McpTool({ visible, input: { type: 'object', required: ['a'] } }) secret() {
    return 'done';
  }
  @McpTool({
    visible,
    input: { type: 'object', properties: { a: { type: 'integer', 'x-mcp-header': 'A' } } },
  })
  mirrored() {
    return 'done';
  }
  @McpPrompt({ arguments: [{ name: 'a', required: true }], complete: { a: () => ['x'] }, visible }) hidden() {
    return '';
  }
  @McpPrompt() shown() {
    return '';
  }
  @McpResource({ uri: 'x://secret', visible, cacheHint: { ttlMs: 5, cacheScope: 'public' } }) resource() {
    return 'secret';
  }
  @McpResource({ uriTemplate: 'x://{id}/secret', visible, complete: { id: () => ['1'] } }) template() {
    return 'secret';
  }
  @McpResource({ uriTemplate: 'x://{+all}' }) all() {
    return 'open';
  }
}

describe.each(MATRIX)('what a caller may not see, on %s, %s', (platform, era) => {
  let app: TestApp;
  const admin = { 'x-user': 'admin' };

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Things] });
  });
  afterAll(() => app.close());

  it.each([
    ['tools/list', 'tools', 3, 1],
    ['prompts/list', 'prompts', 2, 1],
    ['resources/list', 'resources', 1, 0],
    ['resources/templates/list', 'resourceTemplates', 2, 1],
  ])('is missing from %s', async (method, name, all, some) => {
    const list = resultsIn(app, era);
    expect((await list(method, {}, admin))[name]).toHaveLength(all);
    const result = await list(method);
    expect(result[name]).toHaveLength(some);
    if (era === 'modern') expect(result).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
  });

  it.each<[string, string, object]>([
    ['tools/call', 'secret', { name: 'secret' }],
    ['tools/call', 'secret', { name: 'secret', arguments: { a: 1 } }],
    ['tools/call', 'mirrored', { name: 'mirrored', arguments: { a: 1 } }],
    ['prompts/get', 'hidden', { name: 'hidden' }],
    ['prompts/get', 'hidden', { name: 'hidden', arguments: { a: 1 } }],
    [
      'completion/complete',
      'hidden',
      { ref: { type: 'ref/prompt', name: 'hidden' }, argument: { name: 'a', value: '' } },
    ],
    [
      'completion/complete',
      'x://{id}/secret',
      { ref: { type: 'ref/resource', uri: 'x://{id}/secret' }, argument: { name: 'id', value: '' } },
    ],
  ])('is answered by %s as a name nobody has (%s)', async (method, name, params) => {
    const ask = (text: string) => askIn(app, era)(method, JSON.parse(text));
    const unknown = name.replace('secret', 'secreT').replace('hidden', 'hiddeN');
    const given = JSON.stringify(params);
    const hidden = await ask(given);
    const missing = await ask(given.replaceAll(name, unknown));
    const normalized = missing.text.replaceAll(unknown, name).replace(/"id":\d+/, '');
    expect(hidden.text.replace(/"id":\d+/, '')).toBe(normalized);
    expect(hidden.status).toBe(missing.status);
    expect(hidden.json.error.code).toBe(-32602);
  });

  it('is answered as unknown although the request has a flaw that only its own call would find', async () => {
    const params = { name: 'secret', _meta: { progressToken: {} } };
    if (era === 'legacy') {
      expect((await askIn(app, era)('tools/call', params)).json.error.message).toBe('Unknown tool: secret');
    }
    expect((await askIn(app, era)('tools/call', { name: 'secret' })).json.error.message).toBe(
      'Unknown tool: secret',
    );
  });

  it('leaves a URI to whatever else answers it', async () => {
    const read = resultsIn(app, era);
    for (const uri of ['x://secret', 'x://1/secret']) {
      expect((await read('resources/read', { uri }, admin)).contents[0].text).toBe('secret');
      expect((await read('resources/read', { uri })).contents[0].text).toBe('open');
    }
  });

  it('is private to those who may read it, whatever its hint says', async () => {
    const result = await resultsIn(app, era)('resources/read', { uri: 'x://secret' }, admin);
    if (era === 'modern') expect(result).toMatchObject({ ttlMs: 5, cacheScope: 'private' });
    expect(result.contents[0].text).toBe('secret');
  });
});

it('a page asks no further than it reaches', async () => {
  const asked: string[] = [];
  const app = await startApp({ imports: [McpModule.forRoot({ pageSize: 2 })] });
  const registry = app.app.get(McpRegistry, { strict: false });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
    await registry.addTool({ name, visible: () => (asked.push(name), !'abd'.includes(name)) }, () => '');
  }
  const first = await resultsIn(app, 'modern')('tools/list');
  expect(first.tools.map(({ name }: any) => name)).toEqual(['c', 'e']);
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  const second = await resultsIn(app, 'modern')('tools/list', { cursor: first.nextCursor });
  expect(second.tools.map(({ name }: any) => name)).toEqual(['f', 'g']);
  const third = await resultsIn(app, 'modern')('tools/list', { cursor: second.nextCursor });
  expect(third).toMatchObject({ tools: [{ name: 'h' }], cacheScope: 'private' });
  expect(third.nextCursor).toBeUndefined();
  await app.close();
});
