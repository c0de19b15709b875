import { describe, expect, it } from '@jest/globals';
import { converse, startWorld, WORLDS } from './worlds.js';
import { accept, formOf, textOf, type Scripts } from './fixture.js';

const ask = { message: 'A?', schema: formOf('name') };
const errors: string[] = [];
const logger = { log() {}, warn() {}, error: (message: string) => void errors.push(message) };

const tools: Scripts = {
  async shares(ctx) {
    let count = 0;
    const [a, b] = await Promise.all([ctx.once('k', () => ++count), ctx.once('k', () => ++count)]);
    await ctx.elicit(ask);
    return JSON.stringify([a, b, await ctx.once('k', () => ++count)]);
  },
  async nests(ctx) {
    const inner = () => ctx.once('inner', () => 'inner');
    return ctx.once('outer', async () => `outer ${await inner()}`);
  },
  async asks_inside(ctx) {
    await ctx.once('k', () => ctx.elicit(ask));
  },
  async waits_for_itself(ctx) {
    await ctx.once('k', () => ctx.once('other', () => ctx.once('k', () => 1)));
  },
  async cannot_be_kept(ctx) {
    await ctx.once('k', () => 1n);
  },
  async fails_alike(ctx) {
    const told = await ctx
      .once('k', () => {
        throw new RangeError('too far');
      })
      .catch((error: Error) => `${error.name}: ${error.message}`);
    await ctx.elicit(ask);
    return told;
  },
};

describe.each(WORLDS)('ctx.once() of a %s call', (world) => {
  it.each([
    ['shares', '[1,1,1]'],
    ['nests', 'outer inner'],
    ['fails_alike', 'RangeError: too far'],
  ])('%s', async (name, expected) => {
    const app = await startWorld(world, { tools, mcp: { logger } });
    const events = await converse(app, world, { params: { name } }, () => accept({ name: 'Ada' }));
    expect(textOf(events.at(-1))).toBe(expected);
    await app.close();
  });

  it.each([
    ['asks_inside', 'ctx.elicit() inside of ctx.once()'],
    ['waits_for_itself', 'ctx.once("k") waits for itself'],
    ['cannot_be_kept', 'BigInt'],
  ])('%s, which is an error rather than a hang', async (name, logged) => {
    errors.length = 0;
    const app = await startWorld(world, { tools, mcp: { logger } });
    const events = await converse(app, world, { params: { name } }, () => accept({ name: 'Ada' }));
    expect(events).toEqual([{ result: expect.objectContaining({ isError: true }) }]);
    expect(errors.join()).toContain(logged);
    await app.close();
  });
});
