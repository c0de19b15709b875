import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  StreamableHttpTransport,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, Gate, startScripted, textOf, until } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';

const answers = { name: accept({ name: 'Ada' }) };
let app: TestApp;
let seen: string[];
let gate: Gate;

const start = async (mcp: McpModuleOptions = {}) => {
  app = await startScripted({
    tools: {
      async ask(ctx) {
        ctx.signal.addEventListener('abort', () =>
          seen.push(`aborted: ${(ctx.signal.reason as Error).message}`),
        );
        try {
          await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
          seen.push('answered');
          await gate.opened;
          await ctx.elicit({ message: 'More?', schema: formOf('name'), key: 'more' });
          return 'done';
        } catch (error) {
          seen.push(`rejected: ${(error as Error).message}`);
          throw error;
        } finally {
          seen.push('finished');
        }
      },
    },
    mcp: { clientRequestAdapter: new InMemoryClientRequestAdapter(), ...mcp },
  });
};

const parked = () => app.app.get(StreamableHttpTransport, { strict: false }).stats().parkedCalls;

beforeEach(() => {
  seen = [];
  gate = new Gate();
});

afterEach(() => app.close());

describe('a parked call', () => {
  it('is cancelled when the connection of a retry closes', async () => {
    await start();
    const client = ModernClient.tool(app, 'ask');
    const requestState = stateOf(await client.send());
    const retry = client.begin({ requestState, inputResponses: answers });
    await until(() => seen.includes('answered'));
    retry.cut();
    await until(() => seen.length > 1);
    gate.open();
    await until(() => seen.includes('finished'));
    expect(seen).toEqual([
      'answered',
      'aborted: The client closed the connection',
      'rejected: The client closed the connection',
      'finished',
    ]);
    const again = await client.send({ requestState, inputResponses: answers });
    expect(again.json.error.code).toBe(-32602);
    expect(parked()).toBe(0);
  });

  it('is not harmed when the connection of an answered request closes', async () => {
    await start();
    gate.open();
    const client = ModernClient.tool(app, 'ask');
    const first = client.begin();
    await first.until(() => first.isComplete);
    first.cut();
    const second = await client.send({
      requestState: first.json.result.requestState,
      inputResponses: answers,
    });
    expect(Object.keys(askedIn(second))).toEqual(['more']);
  });

  it('goes on with exactly one of several retries at once', async () => {
    await start();
    gate.open();
    const client = ModernClient.tool(app, 'ask');
    const requestState = stateOf(await client.send());
    const all = await Promise.all(
      Array.from({ length: 8 }, () => client.send({ requestState, inputResponses: answers })),
    );
    const asked = all.filter(({ json }) => json.result?.resultType === 'input_required');
    expect(asked).toHaveLength(1);
    for (const { json } of all.filter((one) => one !== asked[0])) expect(json.error.code).toBe(-32602);
    const last = await client.answer(asked[0]!, { more: accept({ name: 'x' }) });
    expect(textOf(last.json)).toBe('done');
    expect(seen).toEqual(['answered', 'finished']);
  });

  it('is one too many beyond limits.parkedCalls, and has room when another ends', async () => {
    await start({ limits: { parkedCalls: 2 } });
    gate.open();
    const client = ModernClient.tool(app, 'ask');
    const [first] = await Promise.all([client.send(), client.send()]);
    expect(parked()).toBe(2);
    const refused = await client.send();
    expect(refused.json.error).toEqual({ code: -32603, message: expect.stringContaining('Too many calls') });
    expect(parked()).toBe(2);
    const second = await client.answer(first, answers);
    await client.answer(second, { more: accept({ name: 'x' }) });
    expect(parked()).toBe(1);
    askedIn(await client.send());
  });

  it('ends when its time is over', async () => {
    await start({ parkTimeoutMs: 30 });
    await ModernClient.tool(app, 'ask').send();
    await until(() => seen.includes('finished'));
    expect(seen[0]).toMatch(/^aborted: /);
    expect(seen[1]).toMatch(/^rejected: /);
    expect(parked()).toBe(0);
  });

  it('ends with the application', async () => {
    await start();
    await ModernClient.tool(app, 'ask').send();
    await app.close();
    await until(() => seen.includes('finished'));
    expect(seen).toEqual([
      'aborted: The server is shutting down',
      'rejected: The server is shutting down',
      'finished',
    ]);
  });

  it('does not come to be when its client leaves before it is asked', async () => {
    const left = new Gate();
    app = await startScripted({
      tools: {
        async leave(ctx) {
          seen.push('running');
          await left.opened;
          await until(() => ctx.signal.aborted);
          const said = await ctx
            .elicit({ message: 'Name?', schema: formOf('name') })
            .then(() => 'answered', String);
          seen.push(said);
        },
      },
      mcp: { clientRequestAdapter: new InMemoryClientRequestAdapter() },
    });
    const call = ModernClient.tool(app, 'leave').begin();
    await until(() => seen.length > 0);
    call.cut();
    left.open();
    await until(() => seen.length > 1);
    expect(seen[1]).toBe('AbortError: The client closed the connection');
    expect(parked()).toBe(0);
  });
});
