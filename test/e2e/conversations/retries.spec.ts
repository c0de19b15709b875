import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, type McpContext } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, startScripted, textOf, until } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';

const ada = accept({ name: 'Ada' });
const ask = (key: string, options: { timeoutMs?: number; retries?: number }) =>
  ({ message: `${key}?`, key, schema: formOf('name'), ...options }) as const;

let app: TestApp;
afterEach(() => app.close());

describe('retries of a question that a parked call waits for', () => {
  let over: string[];

  async function start(script: (ctx: McpContext) => Promise<string>) {
    over = [];
    const clientRequestAdapter = new InMemoryClientRequestAdapter();
    app = await startScripted({ tools: { it: script }, mcp: { clientRequestAdapter } });
    return ModernClient.tool(app, 'it');
  }

  it('keep it open when another of the same time is over, and give it to a client that comes again', async () => {
    const client = await start(async (ctx) => {
      const impatient = ctx.elicit(ask('impatient', { timeoutMs: 20 })).catch((error: Error) => {
        over.push(error.name);
      });
      const { action } = await ctx.elicit(ask('patient', { timeoutMs: 20, retries: 1_000_000 }));
      await impatient;
      return action;
    });
    const first = await client.send();
    expect(Object.keys(askedIn(first)).sort()).toEqual(['impatient', 'patient']);
    await until(() => over.length > 0);
    const again = await client.send({ requestState: stateOf(first), inputResponses: {} });
    expect(Object.keys(askedIn(again))).toEqual(['patient']);
    expect(textOf((await client.answer(again, { patient: ada })).json)).toBe('accept');
    expect(over).toEqual(['ClientRequestTimeoutError']);
  });

  it('end: the question fails when the last is over', async () => {
    const client = await start(async (ctx) => {
      await ctx.elicit(ask('name', { timeoutMs: 10, retries: 2 })).catch((error: Error) => {
        over.push(error.name);
      });
      return 'given up';
    });
    const first = await client.send();
    await until(() => over.length > 0);
    expect(over).toEqual(['ClientRequestTimeoutError']);
    const last = await client.send({ requestState: stateOf(first), inputResponses: {} });
    expect(textOf(last.json)).toBe('given up');
  });
});

describe('a question that the handler runs again for', () => {
  it('waits for no time: a client that comes without the answer is asked again', async () => {
    app = await startScripted({
      tools: { it: async (ctx) => (await ctx.elicit(ask('name', { timeoutMs: 1, retries: 0 }))).action },
    });
    const client = ModernClient.tool(app, 'it');
    let asked = await client.send();
    for (let count = 0; count < 3; count++) {
      asked = await client.send({ requestState: stateOf(asked), inputResponses: {} });
      expect(Object.keys(askedIn(asked))).toEqual(['name']);
    }
    expect(textOf((await client.answer(asked, { name: ada })).json)).toBe('accept');
  });
});
