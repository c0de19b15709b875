import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, Gate, startScripted, textOf } from './fixture.js';
import { ModernClient } from '../../support/modern-client.js';

let app: TestApp;
let gate: Gate;

beforeAll(async () => {
  app = await startScripted({
    tools: {
      async tell(ctx) {
        await ctx.progress(1);
        await ctx.log.info('one');
        await ctx.elicit({ message: 'First?', schema: formOf('name'), key: 'first' });
        await ctx.progress(2, 3, 'half');
        await ctx.log.info('two');
        await gate.opened;
        await ctx.elicit({ message: 'Second?', schema: formOf('name'), key: 'second' });
        await ctx.progress(1.5);
        await ctx.progress(3);
        await ctx.log.error('three');
        return 'done';
      },
    },
    mcp: { clientRequestAdapter: new InMemoryClientRequestAdapter() },
  });
});

afterAll(() => app.close());

const told = (messages: any[]) =>
  messages
    .slice(0, -1)
    .map(({ params: { progressToken, progress, level, data } }) =>
      progress === undefined ? `${level} ${data}` : `${progressToken} ${progress}`,
    );

describe('what a handler tells after a retry', () => {
  it('goes to the retry, under its own token and level', async () => {
    gate = new Gate();
    gate.open();
    const client = ModernClient.tool(app, 'tell');
    const first = await client.with({ progressToken: 'a' }).send();
    expect(told(first.messages)).toEqual(['a 1']);
    const second = await client
      .with({ progressToken: 7, logLevel: 'debug' })
      .answer(first, { first: accept({ name: 'x' }) });
    expect(told(second.messages)).toEqual(['7 2', 'info two']);
    const third = await client.with({ logLevel: 'error' }).answer(second, { second: accept({ name: 'x' }) });
    expect(told(third.messages)).toEqual(['error three']);
    expect(textOf(third.json)).toBe('done');
  });

  it('reaches the client while the handler still works', async () => {
    gate = new Gate();
    const client = ModernClient.tool(app, 'tell', {}, { progressToken: 'p' });
    const first = await client.send();
    const retry = client.begin({
      requestState: first.json.result.requestState,
      inputResponses: { first: accept({ name: 'x' }) },
    });
    await retry.message(({ params }) => params?.progress === 2);
    expect(retry.isComplete).toBe(false);
    gate.open();
    await retry.until(() => retry.isComplete);
    expect(retry.messages.at(-1).result.resultType).toBe('input_required');
  });

  it('is JSON when it tells nothing', async () => {
    gate = new Gate();
    gate.open();
    const client = ModernClient.tool(app, 'tell');
    const first = await client.send();
    const second = await client.answer(first, { first: accept({ name: 'x' }) });
    expect(second.headers.get('content-type')).toBe('application/json');
  });

  it('is refused for a malformed token, and the call goes on with a good one', async () => {
    gate = new Gate();
    gate.open();
    const client = ModernClient.tool(app, 'tell');
    const first = await client.send();
    const answers = { first: accept({ name: 'x' }) };
    const refused = await client.with({ progressToken: {} as string }).answer(first, answers);
    expect(refused.json.error.code).toBe(-32602);
    const second = await client.answer(first, answers);
    expect(second.json.result.resultType).toBe('input_required');
  });
});
