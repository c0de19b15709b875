import { describe, expect, it } from '@jest/globals';
import { McpModule, McpRegistry, type CacheHint } from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';
import { resultsIn } from '../../support/ask.js';

/** The scopes of all pages of a list of tools, and how many there are. */
async function scopesOf(hint: CacheHint, isVisible?: () => boolean): Promise<string[]> {
  const mcp = McpModule.forRoot({ pageSize: 2, cacheHints: { tools: hint } });
  const app = await startApp({ imports: [mcp] });
  const registry = app.app.get(McpRegistry, { strict: false });
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const visible = name === 'e' ? isVisible : undefined;
    await registry.addTool({ name, ...(visible && { visible }) }, () => '');
  }
  const scopes: string[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await resultsIn(app, 'modern')('tools/list', cursor === undefined ? {} : { cursor });
    scopes.push(page.cacheScope);
    cursor = page.nextCursor;
  }
  await app.close();
  return scopes;
}

describe('the pages of a list', () => {
  it.each(['public', 'private'] as const)('are all %s where that is configured', async (cacheScope) => {
    expect(await scopesOf({ cacheScope })).toEqual([cacheScope, cacheScope, cacheScope]);
  });

  it('are all private where the last of them is not for everybody', async () => {
    const scopes = await scopesOf({ cacheScope: 'public' }, () => true);
    expect(scopes).toEqual(['private', 'private', 'private']);
  });
});
