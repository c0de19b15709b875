import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, inputRequired, type McpModuleOptions } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, startScripted } from './fixture.js';
import { ModernClient } from '../../support/modern-client.js';

const worlds: [string, McpModuleOptions][] = [
  ['parked', { clientRequestAdapter: new InMemoryClientRequestAdapter() }],
  ['replayed', {}],
];

describe.each(worlds)('the cache hint of a resource whose handler is %s', (_, mcp) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startScripted({
      resources: {
        async plain() {
          return 'the same for all';
        },
        async asking(ctx) {
          const { content } = await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
          return `Hello ${content?.['name'] as string}`;
        },
        stating(ctx) {
          if (ctx.requestState === undefined) return inputRequired({ requestState: 'again' });
          return 'now';
        },
      },
      mcp: { ...mcp, cacheHints: { read: { ttlMs: 60_000, cacheScope: 'public' } } },
    });
  });
  afterAll(() => app.close());

  const client = (name: string) =>
    new ModernClient(app.url, { method: 'resources/read', params: { uri: `test://${name}` } });

  it('is what was configured where nothing was asked', async () => {
    expect((await client('plain').send()).json.result).toMatchObject({
      ttlMs: 60_000,
      cacheScope: 'public',
    });
  });

  it('lets nobody keep what depends on answers', async () => {
    const asking = client('asking');
    const { json } = await asking.answer(await asking.send(), { name: accept({ name: 'Ada' }) });
    expect(json.result).toMatchObject({
      contents: [{ text: 'Hello Ada' }],
      ttlMs: 0,
      cacheScope: 'private',
    });
  });

  it('lets nobody keep what depends on a state', async () => {
    const stating = client('stating');
    const { json } = await stating.answer(await stating.send(), {});
    expect(json.result).toMatchObject({ contents: [{ text: 'now' }], ttlMs: 0, cacheScope: 'private' });
  });
});
