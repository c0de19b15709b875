import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AdapterUnavailableError, InMemoryClientRequestAdapter } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, startScripted, textOf } from './fixture.js';
import { ModernClient, stateOf } from '../../support/modern-client.js';

/** Cannot be reached when told so. */
class AwayRequests extends InMemoryClientRequestAdapter {
  isAway = false;

  override async resolvePending(...given: Parameters<InMemoryClientRequestAdapter['resolvePending']>) {
    if (this.isAway) throw new AdapterUnavailableError('secret-host is away');
    return super.resolvePending(...given);
  }
}

describe('a parked call whose store is away when its client comes back', () => {
  let app: TestApp;
  let clientRequestAdapter: AwayRequests;
  let runs: number;

  beforeEach(async () => {
    runs = 0;
    clientRequestAdapter = new AwayRequests();
    app = await startScripted({
      tools: {
        ask: async (ctx) => {
          runs++;
          const { content } = await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
          return JSON.stringify(content);
        },
      },
      mcp: { clientRequestAdapter },
    });
  });
  afterEach(() => app.close());

  it('says so with a 503, and goes on when asked again', async () => {
    const client = ModernClient.tool(app, 'ask');
    const retry = {
      requestState: stateOf(await client.send()),
      inputResponses: { name: accept({ name: 'Ada' }) },
    };
    clientRequestAdapter.isAway = true;
    const refused = await client.send(retry);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(refused.json.error).toEqual({
      code: -32603,
      message: 'The server cannot reach its store; try again',
    });
    clientRequestAdapter.isAway = false;
    expect(textOf((await client.send(retry)).json)).toBe('{"name":"Ada"}');
    expect(runs).toBe(1);
  });
});
