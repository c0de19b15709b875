import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { handlePattern, InMemorySessionAdapter, McpModule } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';
import { callsOf, said, startCarts, UNKNOWN } from './fixture.js';

const A_TTL = { handles: { ttlMs: 60_000 } };

let app: TestApp;
afterEach(() => app?.close());

/** Keeps what would be logged as an error. */
function errorsIn(): { readonly errors: string[]; readonly logger: any } {
  const errors: string[] = [];
  const ignore = () => {};
  return {
    errors,
    logger: { error: (text: unknown) => errors.push(String(text)), log: ignore, warn: ignore },
  };
}

describe.each(MATRIX)('a handle on %s, %s', (platform, era) => {
  it('outlives its request: made, changed, read and removed by calls of their own', async () => {
    app = await startCarts({ platform });
    const call = callsOf(app, era, 'ada');
    const cart = await said(call('create'));
    expect(cart).toMatch(handlePattern('cart'));
    expect(JSON.parse(await said(call('add', { cart, item: 1 })))).toEqual({ items: [1] });
    await call('add', { cart, item: 2 });
    expect(JSON.parse(await said(call('get', { cart })))).toEqual({ items: [1, 2] });
    expect(await said(call('delete', { cart }))).toBe('true');
    expect(await said(call('delete', { cart }))).toBe('false');
    expect(await call('get', { cart })).toEqual(UNKNOWN);
  });

  it('is one tool error to the model, whether it is unknown, expired, foreign or of another kind', async () => {
    app = await startCarts({ platform });
    const ada = callsOf(app, era, 'ada');
    const cart = await said(ada('create'));
    const brief = await said(ada('create', { ttlMs: 1 }));
    await delay(10);
    const others = [callsOf(app, era, 'bob'), callsOf(app, era)];
    const answers = [
      await ada('get', { cart: `cart_${'A'.repeat(24)}` }),
      await ada('get', { cart: brief }),
      await ada('add', { cart: brief, item: 1 }),
      ...(await Promise.all(
        others.flatMap((call) => [call('get', { cart }), call('add', { cart, item: 1 })]),
      )),
    ];
    expect(answers).toEqual(answers.map(() => UNKNOWN));
    for (const call of others) expect(await said(call('delete', { cart }))).toBe('false');
    expect((await ada('any', { kind: 'order', id: cart })).text).toContain('There is no order with this id');
    expect((await ada('any', { kind: 'order', id: cart.replace('cart', 'order') })).isError).toBe(true);
    expect(JSON.parse(await said(ada('get', { cart })))).toEqual({ items: [] });
  });

  it('is an error of the request where there is no tool to say it', async () => {
    app = await startCarts({ platform });
    const { json } = await askIn(app, era)('prompts/get', {
      name: 'summary',
      arguments: { cart: `cart_${'A'.repeat(24)}` },
    });
    expect(json.error).toEqual({ code: -32602, message: UNKNOWN.text });
  });

  it('keeps every one of parallel changes', async () => {
    app = await startCarts({ platform, mcp: A_TTL });
    const call = callsOf(app, era);
    const cart = await said(call('create'));
    const items = Array.from({ length: 20 }, (_, item) => item);
    await Promise.all(items.map((item) => said(call('add', { cart, item }))));
    const kept = JSON.parse(await said(call('get', { cart }))) as { items: number[] };
    expect(kept.items.sort((one, other) => one - other)).toEqual(items);
  });

  it('has a form that schemas of classes and of zod publish and check', async () => {
    app = await startCarts({ platform });
    const { tools } = await resultsIn(app, era)('tools/list');
    for (const name of ['add', 'get']) {
      const { inputSchema } = tools.find((tool: { name: string }) => tool.name === name);
      expect(inputSchema.properties.cart.pattern).toBe('^cart_[A-Za-z0-9_-]{24}$');
      const { text, isError } = await callsOf(app, era)(name, { cart: 'cart_1', item: 1 });
      expect(isError).toBe(true);
      expect(text).toMatch(/^Invalid arguments:\n- cart: /);
    }
  });

  it('of somebody without principal needs a ttl, and the log says where it is missing', async () => {
    const { errors, logger } = errorsIn();
    app = await startCarts({ platform, mcp: { logger } });
    const call = callsOf(app, era);
    const { text, isError } = await call('create');
    expect(isError).toBe(true);
    expect(text).not.toContain('ttlMs');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('ctx.handles("cart").create(): ttlMs is missing');
    const cart = await said(call('create', { ttlMs: 60_000 }));
    // The id is all there is.
    expect((await callsOf(app, era)('get', { cart })).isError).toBe(false);
    expect(await callsOf(app, era, 'ada')('get', { cart })).toEqual(UNKNOWN);
  });

  it('is refused to whoever has as many as allowed, until one of them is removed or over', async () => {
    app = await startCarts({ platform, mcp: { limits: { handlesPerPrincipal: 2 } } });
    const [ada, bob] = [callsOf(app, era, 'ada'), callsOf(app, era, 'bob')];
    const cart = await said(ada('create'));
    await said(ada('create'));
    expect(await ada('create')).toEqual({
      text: 'There are 2 open handles already, which is the most. Use or delete one of them, or try again later',
      isError: true,
    });
    await said(bob('create'));
    await said(ada('delete', { cart }));
    await said(ada('create', { ttlMs: 100 }));
    let answer = await ada('create');
    while (answer.isError) answer = await ada('create');
    expect(answer.text).toMatch(handlePattern('cart'));
  });

  it('holds no more than allowed', async () => {
    app = await startCarts({ platform, mcp: { limits: { handleBytes: 20 } } });
    const call = callsOf(app, era, 'ada');
    expect(await call('create', { bytes: 19 })).toEqual({
      text: 'The cart would hold 21 bytes; it may hold 20 at most',
      isError: true,
    });
    const cart = await said(call('create', { bytes: 18 }));
    expect(await said(call('get', { cart }))).toBe('x'.repeat(18));
  });
});

it('says what to give where adapters are shared and there is no store', async () => {
  const { errors, logger } = errorsIn();
  const sessionAdapter = Object.defineProperty(new InMemorySessionAdapter(), 'isShared', { value: true });
  const mcp = { logger, sessionAdapter, requestStateSecret: 'x'.repeat(32), ...A_TTL };
  app = await startCarts({ mcp });
  expect((await callsOf(app, 'modern')('create')).isError).toBe(true);
  expect(errors[0]).toContain('ctx.handles("cart") needs a store that all instances share');
});

it('has kinds with names that need no quoting', async () => {
  app = await startCarts();
  for (const kind of ['', 'a_b', '1', 'a b', 'x'.repeat(33), 'a.*']) {
    expect(() => handlePattern(kind)).toThrow('A kind of handles is 1 to 32 letters');
    expect((await callsOf(app, 'modern', 'ada')('any', { kind, id: 'x' })).isError).toBe(true);
  }
});

it.each([
  [{ ttlMs: 0 }, 'handles.ttlMs must be an integer of 1 or more, not 0'],
  [{ ttl: 1 }, 'handles.ttl is unknown; there is ttlMs'],
  ['1h', 'handles must be an object'],
])('is refused at the start with the option %j', async (handles: any, message) => {
  await expect(startApp({ imports: [McpModule.forRoot({ handles })] })).rejects.toThrow(message);
});
