import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, Gate, startScripted, textOf, until, type Script } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';

const ada = accept({ name: 'Ada' });
const ask = (message: string, key: string) => ({ message, key, schema: formOf('name') });

let app: TestApp;
let did: string[];
let errors: string[];

const start = async (script: Script) => {
  const logger = { log() {}, warn() {}, error: (message: string) => void errors.push(message) };
  app = await startScripted({ tools: { it: script }, mcp: { logger } });
  return ModernClient.tool(app, 'it');
};

beforeEach(() => {
  did = [];
  errors = [];
});

afterEach(() => app.close());

describe('a handler that is run again', () => {
  it('runs its once-blocks once, whatever they return, also beside questions', async () => {
    const client = await start(async (ctx) => {
      did.push('run');
      const slow = ctx.once('slow', async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        did.push('slow');
        return { at: new Date(0), none: undefined };
      });
      const nothing = ctx.once('nothing', () => void did.push('nothing'));
      const [a, made, none] = await Promise.all([ctx.elicit(ask('A?', 'a')), slow, nothing]);
      const odd = await ctx.once('__proto__', () => did.push('odd') && 'kept');
      const b = await ctx.elicit(ask('B?', 'b'));
      return JSON.stringify([a.action, b.action, made, none === undefined, odd]);
    });
    const first = await client.send();
    const second = await client.answer(first, { a: ada });
    const last = await client.answer(second, { b: ada });
    expect(JSON.parse(textOf(last.json))).toEqual([
      'accept',
      'accept',
      { at: '1970-01-01T00:00:00.000Z' },
      true,
      'kept',
    ]);
    expect(did).toEqual(['run', 'nothing', 'slow', 'run', 'odd', 'run']);
  });

  it('begins no once-block after it was suspended, nor asks', async () => {
    const later = new Gate();
    const client = await start(async (ctx) => {
      const branch = later.opened.then(async () => {
        did.push('branch');
        await ctx.once('charge', () => did.push('charged'));
        await ctx.elicit(ask('Branch?', 'branch'));
      });
      await ctx.elicit(ask('A?', 'a'));
      await branch;
      return 'done';
    });
    const first = await client.send();
    later.open();
    await until(() => did.length > 0);
    const second = await client.answer(first, { a: ada });
    expect(Object.keys(askedIn(second))).toEqual(['branch']);
    expect(textOf((await client.answer(second, { branch: ada })).json)).toBe('done');
    expect(did.filter((what) => what === 'charged')).toHaveLength(1);
  });

  it('has its signal aborted when it is suspended, and is not told otherwise', async () => {
    const client = await start(async (ctx) => {
      ctx.signal.addEventListener('abort', () => did.push((ctx.signal.reason as Error).message));
      try {
        await ctx.elicit(ask('A?', 'a'));
        return 'done';
      } catch {
        did.push('caught');
        return 'caught';
      } finally {
        did.push('finally');
      }
    });
    const first = await client.send();
    expect(did).toEqual(['The call goes on in the next request']);
    expect(textOf((await client.answer(first, { a: ada })).json)).toBe('done');
    expect(did).toEqual(['The call goes on in the next request', 'finally']);
  });

  it('that asks something else under the same key fails, even if it catches that, and is logged', async () => {
    let price = 1;
    const client = await start(async (ctx) => {
      const { action } = await ctx.elicit(ask(`Pay ${price++}?`, 'pay')).catch(() => ({ action: 'caught' }));
      return action;
    });
    const { json } = await client.answer(await client.send(), { pay: ada });
    expect(json.error).toEqual({
      code: -32603,
      message:
        'The question "pay" is not the one that was answered: the handler does not ask the same when it runs again',
    });
    expect(errors.join()).toContain('The question "pay"');
  });

  it('that asks another kind of question is given nothing that was not meant for it', async () => {
    let runs = 0;
    const client = await start(async (ctx) => {
      if (runs++ === 0) await ctx.elicit({ message: 'A?', schema: formOf('name') });
      return (await ctx.sample({ messages: [], maxTokens: 1 })).model;
    });
    const second = await client.answer(await client.send(), { elicitation_1: ada });
    expect(Object.keys(askedIn(second))).toEqual(['sampling_1']);
  });

  it('does not get back what it made of an answer', async () => {
    const client = await start(async (ctx) => {
      const { content } = await ctx.elicit(ask('A?', 'a'));
      const before = JSON.stringify(content);
      Object.assign(content as object, { name: 'changed' });
      await ctx.elicit(ask('B?', 'b'));
      return before;
    });
    const second = await client.answer(await client.send(), { a: ada });
    expect(textOf((await client.answer(second, { b: ada })).json)).toBe('{"name":"Ada"}');
  });

  it('remembers as much as a client can carry, and else says so', async () => {
    const client = await start(async (ctx) => {
      for (let i = 0; i < 100; i++) {
        await ctx.once(`block ${i}`, () => 'x'.repeat(8_000));
        await ctx.elicit(ask('More?', `more_${i}`));
      }
    });
    let answer = await client.send();
    let rounds = 0;
    while (answer.json.result) {
      expect(stateOf(answer).length).toBeLessThanOrEqual(65_536);
      answer = await client.answer(answer, { [`more_${rounds++}`]: ada });
    }
    expect(rounds).toBeGreaterThan(3);
    expect(answer.json.error).toEqual({ code: -32603, message: expect.stringContaining('65536') });
  });

  it('is not burdened with answers nobody asked for', async () => {
    const client = await start(async (ctx) => {
      await ctx.elicit(ask('A?', 'a'));
      await ctx.elicit(ask('B?', 'b'));
      return 'done';
    });
    const junk = { junk: { long: 'x'.repeat(100_000) } };
    const first = await client.send({ inputResponses: junk });
    const second = await client.answer(first, { ...junk, a: ada });
    expect(stateOf(second).length).toBeLessThan(2_000);
    expect(textOf((await client.answer(second, { b: ada, ...junk })).json)).toBe('done');
  });

  it('asks for the rest when it got some of the answers', async () => {
    const client = await start(async (ctx) => {
      did.push('run');
      const all = await Promise.all(['a', 'b', 'c'].map((key) => ctx.elicit(ask(`${key}?`, key))));
      return all.map(({ action }) => action).join();
    });
    const second = await client.answer(await client.send(), { b: ada });
    expect(Object.keys(askedIn(second))).toEqual(['a', 'c']);
    const third = await client.answer(second, { c: { action: 'decline' } });
    const last = await client.answer(third, { a: ada });
    expect(textOf(last.json)).toBe('accept,accept,decline');
    expect(did).toHaveLength(4);
  });
});
