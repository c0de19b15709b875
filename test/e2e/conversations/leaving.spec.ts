import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, type McpContext } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, Gate, startScripted, textOf } from './fixture.js';
import { askedIn, ModernClient } from '../../support/modern-client.js';
import { DistantAdapter } from './two-instances.js';

/** Takes its time to forget questions without a waiting caller. */
class SlowToForget extends DistantAdapter {
  readonly forgetting = new Gate();
  readonly mayForget = new Gate();

  override async rejectPending(...given: Parameters<DistantAdapter['rejectPending']>) {
    this.forgetting.open();
    await this.mayForget.opened;
    return super.rejectPending(...given);
  }
}

/** Stores nothing while it is away. */
class AwayFromTime extends InMemoryClientRequestAdapter {
  isAway = false;

  override createPending(...given: Parameters<InMemoryClientRequestAdapter['createPending']>) {
    if (!this.isAway) return super.createPending(...given);
    const promise = Promise.reject(new Error('away'));
    promise.catch(() => {});
    return { promise, ready: promise };
  }
}

const ask = async (ctx: McpContext) => {
  const { content } = await ctx.elicit({ message: 'A?', schema: formOf('name'), key: 'a' });
  return JSON.stringify(content);
};

const options = { idempotent: { annotations: { idempotentHint: true } } };
const requestStateSecret = 'shared by all instances, and long enough';

describe('an instance that closes while the retry of a parked call is on its way', () => {
  let here: TestApp;
  let there: TestApp;
  let leaving: SlowToForget;

  beforeEach(async () => {
    const store = new InMemoryClientRequestAdapter();
    leaving = new SlowToForget(store);
    const start = (clientRequestAdapter: DistantAdapter) =>
      startScripted({
        tools: { plain: ask, idempotent: ask },
        options,
        mcp: { clientRequestAdapter, requestStateSecret },
      });
    [here, there] = await Promise.all([start(leaving), start(new DistantAdapter(store))]);
  });

  afterEach(() => there.close());

  async function answerWhileClosing(tool: string) {
    const client = ModernClient.tool(here, tool);
    const first = await client.send();
    const closing = here.close();
    await leaving.forgetting.opened;
    const answered = await client.with({ url: there.url }).answer(first, { a: accept({ name: 'Ada' }) });
    leaving.mayForget.open();
    await closing;
    return answered.json;
  }

  it('says that the call is over', async () => {
    const { error } = await answerWhileClosing('plain');
    expect(error).toEqual({ code: -32602, message: expect.stringContaining('call again without it') });
  });

  it('leaves the call to the other where it may run twice', async () => {
    expect(textOf(await answerWhileClosing('idempotent'))).toBe('{"name":"Ada"}');
  });
});

it('a call that cannot be parked is not taken for cancelled', async () => {
  const clientRequestAdapter = new AwayFromTime();
  const reasons: unknown[] = [];
  const app = await startScripted({
    tools: {
      ask: async (ctx) => {
        const failure = await ask(ctx).catch((error: unknown) => error);
        reasons.push((failure as Error).message, ctx.signal.aborted);
        return 'nobody could be asked';
      },
    },
    mcp: { clientRequestAdapter },
  });
  clientRequestAdapter.isAway = true;
  const client = ModernClient.tool(app, 'ask');
  expect(textOf((await client.send()).json)).toBe('nobody could be asked');
  expect(reasons).toEqual(['away', false]);
  clientRequestAdapter.isAway = false;
  expect(Object.keys(askedIn(await client.send()))).toEqual(['a']);
  await app.close();
});
