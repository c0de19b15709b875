import { describe, expect, it } from '@jest/globals';
import type { McpContext } from 'nestjs-mcp-adapters';
import { converse, startWorld, WORLDS } from './worlds.js';
import { accept, formOf, textOf, type Scripts } from './fixture.js';

const again = (ctx: McpContext, key: string) => ctx.elicit({ key, message: key, schema: formOf('name') });

/** Each asks twice, after it has changed in place what it was given, and tells what it has in the end. */
const tools: Scripts = {
  async sorts(ctx, args) {
    args.tags.sort();
    await again(ctx, 'a');
    args.tags.push('last');
    await again(ctx, 'b');
    return JSON.stringify(args);
  },
  async deletes(ctx, args) {
    delete args.tags;
    args.more = 1;
    await again(ctx, 'a');
    await again(ctx, 'b');
    return JSON.stringify(args);
  },
  async changes_deep(ctx, args) {
    args.deep.list[0].n++;
    await again(ctx, 'a');
    await again(ctx, 'b');
    return JSON.stringify(args);
  },
  async changes_context(ctx) {
    (ctx.args as { tags: string[] }).tags.length = 0;
    await again(ctx, 'a');
    return JSON.stringify(ctx.args);
  },
  async changes_result(ctx) {
    const cart = await ctx.once('cart', () => ({ items: ['first'] }));
    cart.items.push('second');
    await again(ctx, 'a');
    cart.items.push('third');
    await again(ctx, 'b');
    return JSON.stringify(cart);
  },
  async changes_thrown(ctx) {
    const fail = () => Promise.reject({ tries: [1] });
    const thrown = await ctx.once('k', fail).catch((error: { tries: number[] }) => error);
    thrown.tries.push(2);
    await again(ctx, 'a');
    await again(ctx, 'b');
    return JSON.stringify(thrown);
  },
};

const ARGS = { tags: ['b', 'a'], deep: { list: [{ n: 1 }] } };

describe.each(WORLDS)('a handler of a %s call that changes in place', (world) => {
  it.each([
    ['sorts', { tags: ['a', 'b', 'last'], deep: { list: [{ n: 1 }] } }],
    ['deletes', { deep: { list: [{ n: 1 }] }, more: 1 }],
    ['changes_deep', { tags: ['b', 'a'], deep: { list: [{ n: 2 }] } }],
    ['changes_context', { tags: [], deep: { list: [{ n: 1 }] } }],
    ['changes_result', { items: ['first', 'second', 'third'] }],
    ['changes_thrown', { tries: [1, 2] }],
  ])('%s what is its own, and goes on', async (name, expected) => {
    const app = await startWorld(world, { tools });
    const events = await converse(app, world, { params: { name, arguments: ARGS } }, () =>
      accept({ name: 'Ada' }),
    );
    expect(JSON.parse(textOf(events.at(-1)))).toMatchObject(expected);
    await app.close();
  });

  it('the arguments of a prompt', async () => {
    const prompts: Scripts = {
      async greet(ctx, args) {
        args.name = `${args.name}!`;
        await again(ctx, 'a');
        await again(ctx, 'b');
        return args.name;
      },
    };
    const app = await startWorld(world, { prompts });
    const subject = { method: 'prompts/get', params: { name: 'greet', arguments: { name: 'Ada' } } };
    const events = await converse(app, world, subject, () => accept({ name: 'Ada' }));
    expect(events.at(-1)).toMatchObject({ result: { messages: [{ content: { text: 'Ada!' } }] } });
    await app.close();
  });
});
