import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter } from 'nestjs-mcp-adapters';
import type { PendingRequest } from 'nestjs-mcp-adapters/adapters';
import { accept, formOf, Gate, startScripted, textOf, until } from './fixture.js';
import { ModernClient } from '../../support/modern-client.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Counts what waits in it. */
class CountingAdapter extends InMemoryClientRequestAdapter {
  waiting = 0;

  override createPending(
    ...request: Parameters<InMemoryClientRequestAdapter['createPending']>
  ): PendingRequest {
    const pending = super.createPending(...request);
    this.waiting++;
    const done = () => void this.waiting--;
    pending.promise.then(done, done);
    return pending;
  }
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

it('a call leaves nothing behind, however it ends', async () => {
  const adapter = new CountingAdapter();
  const gate = new Gate();
  let finished = 0;
  const app = await startScripted({
    tools: {
      async ask(ctx, { how }) {
        try {
          await Promise.race([
            Promise.all([
              ctx.elicit({ message: 'A?', schema: formOf('name'), key: 'a', timeoutMs: 600_000 }),
              ctx.elicit({ message: 'B?', schema: formOf('name'), key: 'b', timeoutMs: 600_000 }),
            ]),
            gate.opened,
          ]);
          if (how === 'throw') throw new Error('on purpose');
          if (how === 'late') void ctx.elicit({ message: 'Too late?', schema: formOf('name') });
          return 'done';
        } finally {
          finished++;
        }
      },
      async ask_what_it_may_not(ctx) {
        await Promise.all([
          ctx.elicit({ message: 'A?', schema: formOf('name') }),
          ctx.sample({ messages: [], maxTokens: 1 }),
        ]);
      },
    },
    mcp: {
      clientRequestAdapter: adapter,
      parkTimeoutMs: 600_000,
      logger: { log() {}, warn() {}, error() {} },
    },
  });
  const both = { a: accept({ name: 'a' }), b: accept({ name: 'b' }) };
  const call = (how: string) => ModernClient.tool(app, 'ask', { how });
  await call('warm up')
    .send()
    .then((asked) => call('warm up').answer(asked, both));
  const before = timers();

  for (const how of ['answer', 'throw', 'late']) {
    expect((await call(how).answer(await call(how).send(), both)).status).toBe(200);
  }
  const capabilities = { elicitation: {} };
  expect((await ModernClient.tool(app, 'ask_what_it_may_not', {}, { capabilities }).send()).status).toBe(400);
  const partly = await call('partly').answer(await call('partly').send(), { a: both.a });
  const unheard = await call('nobody there').send();
  gate.open();
  await until(() => finished >= 6);
  expect(textOf((await call('nobody there').answer(unheard, {})).json)).toBe('done');
  expect(textOf((await call('partly').answer(partly, both)).json)).toBe('done');

  await until(() => adapter.waiting === 0);
  await until(() => timers() <= before);
  await app.close();
});

it('nothing of a call is kept after its end', async () => {
  const app = await startScripted({
    tools: {
      async ask(ctx) {
        const ballast = Buffer.alloc(1_000_000, 'x').toString();
        await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
        return String(ballast.length);
      },
    },
    mcp: { clientRequestAdapter: new InMemoryClientRequestAdapter(), limits: { parkedCalls: 10 } },
  });
  const client = ModernClient.tool(app, 'ask');
  const before = heapUsed();
  for (let i = 0; i < 300; i++) {
    const asked = await client.send();
    expect(textOf((await client.answer(asked, { name: accept({ name: 'Ada' }) })).json)).toBe('1000000');
  }
  // Kept, the ballast alone would be 300 MB.
  expect(heapUsed() - before).toBeLessThan(100_000_000);
  await app.close();
});
