import { Injectable } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  McpContext,
  McpModule,
  McpRegistry,
  McpTool,
} from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';
import { modern } from '../../support/http.js';

const form = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
let runs = 0;
@Injectable()
class Tools {
  @McpTool()
  async ask(_args: unknown, ctx: McpContext) {
    runs++;
    const n = await ctx.once('n', () => runs);
    const a = await ctx.elicit({ message: 'one?', schema: form });
    await ctx.progress(1);
    const [b, c] = await Promise.all([
      ctx.elicit({ message: 'two?', schema: form }),
      ctx.elicit({ message: 'three?', schema: form, key: 'mine' }),
    ]);
    return JSON.stringify([n, a.content, b.content, c.content]);
  }
}
const accept = (ok: boolean) => ({ action: 'accept', content: { ok } });

describe.each([
  ['parked', () => new InMemoryClientRequestAdapter()],
  ['replayed', () => undefined],
] as const)('%s', (_name, make) => {
  it('converses', async () => {
    runs = 0;
    const adapter = make();
    const app = await startApp({
      imports: [McpModule.forRoot({ ...(adapter && { clientRequestAdapter: adapter }) })],
      providers: [Tools],
    });
    const options = { capabilities: { elicitation: {} } };
    const first = await app.post(...modern('tools/call', { name: 'ask', arguments: {} }, options));
    console.log(first.json);
    const second = await app.post(
      ...modern('tools/call', {
        name: 'ask', arguments: {}, requestState: first.json.result.requestState,
        inputResponses: { elicitation_1: accept(true) },
      }, { ...options, meta: { progressToken: 'p' } }),
    );
    console.log(second.messages.length, JSON.stringify(second.json));
    const third = await app.post(
      ...modern('tools/call', {
        name: 'ask', arguments: {}, requestState: second.json.result.requestState,
        inputResponses: { elicitation_2: accept(false), mine: accept(true) },
      }, options),
    );
    console.log(JSON.stringify(third.json));
    expect(third.json.result.content[0].text).toBe(JSON.stringify([1, { ok: true }, { ok: false }, { ok: true }]));
    console.log(runs);
    const again = await app.post(
      ...modern('tools/call', {
        name: 'ask', arguments: {x:1}, requestState: second.json.result.requestState,
        inputResponses: { elicitation_2: accept(false), mine: accept(true) },
      }, options),
    );
    expect(again.json.error.code).toBe(-32602);
    const lacking = await app.post(...modern('tools/call', { name: 'ask', arguments: {} }));
    console.log(lacking.status, lacking.text);
    // listen
    const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, { id: 'sub' });
    const response = await fetch(app.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    const reader = response.body!.getReader();
    console.log(new TextDecoder().decode((await reader.read()).value));
    await app.app.get(McpRegistry, { strict: false }).addTool({ name: 'new' }, () => 'x');
    console.log(new TextDecoder().decode((await reader.read()).value));
    const closing = app.close();
    console.log(new TextDecoder().decode((await reader.read()).value));
    await closing;
  });
});
