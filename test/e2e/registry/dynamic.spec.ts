import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt } from 'class-validator';
import { McpModule, McpRegistry, McpTool } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';

class AddDto {
  @Type(() => Number) @IsInt() a!: number;
  @Type(() => Number) @IsInt() b!: number;
}

@Injectable()
class Decorated {
  @McpTool() decorated() {
    return 'decorated';
  }
}

describe.each(MATRIX)('McpRegistry on %s, %s', (platform, era) => {
  let app: TestApp;
  let registry: McpRegistry;
  const namesOf = async (method: string, name: string) =>
    (await resultsIn(app, era)(method))[name].map(
      (entry: any) => entry.uriTemplate ?? entry.uri ?? entry.name,
    );
  const call = async (name: string, args = {}) =>
    (await askIn(app, era)('tools/call', { name, arguments: args })).json;
  const textOf = async (name: string, args = {}) => (await call(name, args)).result.content[0].text;

  beforeEach(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Decorated] });
    registry = app.app.get(McpRegistry, { strict: false });
  });
  afterEach(() => app.close());

  it('adds, replaces and removes tools', async () => {
    await registry.addTool({ name: 'added' }, () => 'one');
    expect(await namesOf('tools/list', 'tools')).toEqual(['added', 'decorated']);
    expect(await textOf('added')).toBe('one');
    await registry.replaceTool({ name: 'added', description: 'new' }, () => 'two');
    expect(await textOf('added')).toBe('two');
    expect((await resultsIn(app, era)('tools/list')).tools[0].description).toBe('new');
    expect(await registry.removeTool('added')).toBe(true);
    expect(await registry.removeTool('added')).toBe(false);
    expect((await call('added')).error.message).toBe('Unknown tool: added');
  });

  it('replaces and removes what is decorated', async () => {
    await registry.replaceTool({ name: 'decorated' }, () => 'replaced');
    expect(await textOf('decorated')).toBe('replaced');
    await registry.removeTool('decorated');
    expect(await namesOf('tools/list', 'tools')).toEqual([]);
  });

  it('validates and converts by every kind of schema', async () => {
    await registry.addTool(
      { name: 'dto', input: AddDto },
      (args) => `${args instanceof AddDto} ${args.a + args.b}`,
    );
    await registry.addTool({ name: 'zod', input: z.object({ a: z.coerce.number() }) }, ({ a }) => `${a + 1}`);
    await registry.addTool(
      { name: 'json', input: { type: 'object', required: ['a'] } },
      ({ a }) => `${String(a)}`,
    );
    expect(await textOf('dto', { a: '1', b: 2 })).toBe('true 3');
    expect(await textOf('zod', { a: '1' })).toBe('2');
    expect(await textOf('json', { a: 1 })).toBe('1');
    for (const name of ['dto', 'zod', 'json']) {
      const { result } = await call(name, {});
      expect(result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/^Invalid arguments:/) }],
      });
    }
  });

  it('adds the first resource, template and prompt of a server that runs', async () => {
    await registry.addResource({ uri: 'x://1' }, (_, ctx, uri) => `${uri} by ${ctx.request.method}`);
    await registry.addResource(
      { uriTemplate: 'x://t/{id}', complete: { id: (value) => [`${value}!`] } },
      ({ id }) => `${String(id)}`,
    );
    await registry.addPrompt(
      { name: 'p', input: AddDto, complete: { a: async (_, __, given) => Object.keys(given) } },
      ({ a }) => `${a}`,
    );
    const result = resultsIn(app, era);
    expect(await namesOf('resources/list', 'resources')).toEqual(['x://1']);
    expect((await result('resources/read', { uri: 'x://1' })).contents[0].text).toBe(
      'x://1 by resources/read',
    );
    expect(await namesOf('resources/templates/list', 'resourceTemplates')).toEqual(['x://t/{id}']);
    expect((await result('resources/read', { uri: 'x://t/7' })).contents[0].text).toBe('7');
    const prompt = await result('prompts/get', { name: 'p', arguments: { a: '1', b: '2' } });
    expect(prompt.messages[0].content.text).toBe('1');
    expect((await result('prompts/list')).prompts[0].arguments).toHaveLength(2);
    const ref = { type: 'ref/prompt', name: 'p' };
    const context = { arguments: { b: '2' } };
    const completed = await result('completion/complete', {
      ref,
      argument: { name: 'a', value: '' },
      context,
    });
    expect(completed.completion.values).toEqual(['b']);
    const template = { type: 'ref/resource', uri: 'x://t/{id}' };
    const variable = await result('completion/complete', {
      ref: template,
      argument: { name: 'id', value: 'v' },
    });
    expect(variable.completion.values).toEqual(['v!']);

    await registry.replacePrompt({ name: 'p' }, () => 'other');
    await registry.replaceResource({ uri: 'x://1', name: 'One' }, () => 'other');
    expect((await result('resources/list')).resources).toEqual([{ uri: 'x://1', name: 'One' }]);
    expect(
      await Promise.all(['x://1', 'x://t/{id}', 'x://t/{id}'].map((uri) => registry.removeResource(uri))),
    ).toEqual([true, true, false]);
    expect([await registry.removePrompt('p'), await registry.removePrompt('p')]).toEqual([true, false]);
    expect((await askIn(app, era)('resources/read', { uri: 'x://t/7' })).json.error.message).toBe(
      'Resource not found',
    );
  });

  it('lets a call that runs finish with the handler it began with', async () => {
    let finish!: (text: string) => void;
    const begun = new Promise<void>((resolve) => {
      void registry.addTool({ name: 'slow' }, () => {
        resolve();
        return new Promise((done) => (finish = done));
      });
    });
    await registry.addTool({ name: 'after' }, () => '');
    const answer = textOf('slow');
    await begun;
    await registry.removeTool('slow');
    finish('finished');
    expect(await answer).toBe('finished');
  });

  it('refuses what is taken or cannot work, naming the call', async () => {
    await expect(registry.addTool({ name: 'decorated' }, () => '')).rejects.toThrow(
      'McpRegistry.addTool("decorated"): this is taken; remove it first, or use replaceTool',
    );
    await expect(registry.addTool({ name: 'a b' }, () => '')).rejects.toThrow(
      'McpRegistry.addTool("a b"): the tool name',
    );
    await expect(registry.addResource({ uri: 'relative' }, () => '')).rejects.toThrow(
      'McpRegistry.addResource("relative"): uri must be absolute',
    );
    await expect(registry.addPrompt({ name: 'p', complete: { x: () => [] } }, () => '')).rejects.toThrow(
      'McpRegistry.addPrompt("p"): complete.x is for an argument that does not exist',
    );
    const both = await Promise.allSettled(
      [1, 2].map((n) => registry.addTool({ name: 'twice' }, () => `${n}`)),
    );
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});
