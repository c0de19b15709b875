import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, type McpContext } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, startScripted, textOf } from './fixture.js';
import { askedIn, ModernClient } from '../../support/modern-client.js';

let did: string[];
let here: TestApp;
let there: TestApp;

const ask = async (ctx: McpContext) => {
  did.push('run');
  await ctx.progress(1);
  const made = await ctx.once('make', () => did.push('made') && { id: 7 });
  const a = await ctx.elicit({ message: 'A?', schema: formOf('name'), key: 'a' });
  await ctx.progress(2);
  const b = await ctx.elicit({ message: 'B?', schema: formOf('name'), key: 'b' });
  await ctx.progress(3);
  return JSON.stringify([made, a.content, b.content]);
};

/** Instances that share their secret, but not what they keep in memory: what one parks the other cannot find. */
const start = () =>
  startScripted({
    tools: { plain: ask, idempotent: ask, readonly: ask, destructive: ask },
    prompts: { ask },
    resources: { ask },
    options: {
      idempotent: { annotations: { idempotentHint: true } },
      readonly: { annotations: { readOnlyHint: true } },
      destructive: { annotations: { destructiveHint: true, idempotentHint: false } },
    },
    mcp: {
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
      requestStateSecret: 'shared by both, although nothing else is',
    },
  });

beforeEach(async () => {
  did = [];
  [here, there] = await Promise.all([start(), start()]);
});

afterEach(() => Promise.all([here.close(), there.close()]));

describe('a parked call that is lost', () => {
  it.each<[string, object, (result: any) => string]>([
    ['tools/call', { name: 'idempotent', arguments: {} }, ({ content }) => content[0].text],
    ['tools/call', { name: 'readonly', arguments: {} }, ({ content }) => content[0].text],
    ['prompts/get', { name: 'ask' }, ({ messages }) => messages[0].content.text],
    ['resources/read', { uri: 'test://ask' }, ({ contents }) => contents[0].text],
  ])('is run again with the answers so far where it may be: %s %j', async (method, params, read) => {
    const client = new ModernClient(here.url, { method, params: { ...params } }, { progressToken: 'p' });
    const second = await client.answer(await client.send(), { a: accept({ name: 'A' }) });
    did = [];
    const last = await client.with({ url: there.url }).answer(second, { b: accept({ name: 'B' }) });
    expect(JSON.parse(read(last.json.result))).toEqual([{ id: 7 }, { name: 'A' }, { name: 'B' }]);
    expect(did).toEqual(['run']);
    expect(last.messages.slice(0, -1).map((message) => message.params.progress)).toEqual([3]);
  });

  it('is parked where it was run again', async () => {
    const client = ModernClient.tool(here, 'idempotent').with({ url: there.url });
    const first = await ModernClient.tool(here, 'idempotent').send();
    did = [];
    const second = await client.answer(first, { a: accept({ name: 'A' }) });
    expect(Object.keys(askedIn(second))).toEqual(['b']);
    const last = await client.answer(second, { b: accept({ name: 'B' }) });
    expect(JSON.parse(textOf(last.json))).toEqual([{ id: 7 }, { name: 'A' }, { name: 'B' }]);
    expect(did).toEqual(['run']);
  });

  it.each(['plain', 'destructive'])('is over where it may not run twice: %s', async (name) => {
    const client = ModernClient.tool(here, name);
    const first = await client.send();
    did = [];
    const { status, json } = await client
      .with({ url: there.url })
      .answer(first, { a: accept({ name: 'A' }) });
    expect(status).toBe(200);
    expect(json.error).toEqual({ code: -32602, message: expect.stringContaining('call again without it') });
    expect(did).toEqual([]);
    askedIn(await client.answer(first, { a: accept({ name: 'A' }) }));
  });

  it('is over when the instance that ran it has gone', async () => {
    const client = ModernClient.tool(here, 'plain');
    const first = await client.send();
    await here.close();
    const { json } = await client.with({ url: there.url }).answer(first, { a: accept({ name: 'A' }) });
    expect(json.error.code).toBe(-32602);
    expect(did).toEqual(['run', 'made']);
  });
});
