import { expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter } from 'nestjs-mcp-adapters';
import { accept, formOf, startScripted, until } from './fixture.js';
import { ModernClient, stateOf } from '../../support/modern-client.js';

it.each([
  ['parked', () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() })],
  ['replayed', () => ({})],
])('a state is refused after parkTimeoutMs, whatever it belongs to, %s', async (_, adapters) => {
  let runs = 0;
  const ask = async (ctx: any) => {
    runs++;
    await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
  };
  const app = await startScripted({
    tools: { ask, repeatable: ask },
    options: { repeatable: { annotations: { idempotentHint: true } } },
    mcp: { ...adapters(), parkTimeoutMs: 30 },
  });
  for (const name of ['ask', 'repeatable']) {
    const client = ModernClient.tool(app, name);
    const requestState = stateOf(await client.send());
    const sentAt = Date.now();
    await until(() => Date.now() > sentAt + 60);
    runs = 0;
    const { json } = await client.send({ requestState, inputResponses: { name: accept({ name: 'Ada' }) } });
    expect(json.error.code).toBe(-32602);
    expect(runs).toBe(0);
  }
  await app.close();
});
