import { describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { accept, formOf, startScripted, textOf } from './fixture.js';
import { ModernClient, stateOf } from '../../support/modern-client.js';

const OLD = 'the old secret, of 32 characters at least';
const NEW = 'the new secret, of 32 characters at least';

const start = (mcp: McpModuleOptions) =>
  startScripted({
    tools: {
      async ask(ctx) {
        const { content } = await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
        return `${(content as any).name}`;
      },
    },
    mcp,
  });

/** An adapter that says of itself that other processes use its store. */
const shared = <T extends object>(adapter: T): T => Object.assign(adapter, { isShared: true });

describe('secrets of requestState', () => {
  it.each<[string, string | string[], string | string[], boolean]>([
    ['the same', NEW, NEW, true],
    ['a new one before the old', OLD, [NEW, OLD], true],
    ['the old one before a new', OLD, [OLD, NEW], true],
    ['one of two that the other does not know', [NEW, OLD], OLD, false],
    ['another', OLD, NEW, false],
  ])('opens at another instance what was sealed here: %s', async (_case, sealing, opening, isOpened) => {
    const [here, there] = await Promise.all([
      start({ requestStateSecret: sealing }),
      start({ requestStateSecret: opening }),
    ]);
    const client = ModernClient.tool(here, 'ask');
    const requestState = stateOf(await client.send());
    const inputResponses = { name: accept({ name: 'Ada' }) };
    const { json } = await client.with({ url: there.url }).send({ requestState, inputResponses });
    if (isOpened) expect(textOf(json)).toBe('Ada');
    else expect(json.error.code).toBe(-32602);
    await Promise.all([here.close(), there.close()]);
  });

  it.each<[string, McpModuleOptions]>([
    ['the adapter of questions', { clientRequestAdapter: shared(new InMemoryClientRequestAdapter()) }],
    ['the adapter of sessions', { sessionAdapter: shared(new InMemorySessionAdapter()) }],
  ])('are required at boot when instances share %s', async (_case, mcp) => {
    await expect(start(mcp)).rejects.toThrow(/requestStateSecret is missing/);
    const app = await start({ ...mcp, requestStateSecret: NEW });
    await app.close();
    const legacyOnly = await start({ ...mcp, protocolVersions: ['2025-11-25'] });
    await legacyOnly.close();
  });

  it.each([['short'], [''], [[]], [[NEW, 'short']], [5]])('may not be %j', async (requestStateSecret) => {
    await expect(start({ requestStateSecret } as McpModuleOptions)).rejects.toThrow(
      /requestStateSecret must be/,
    );
  });

  it('differ from process to process when none is given', async () => {
    const [here, there] = await Promise.all([start({}), start({})]);
    const client = ModernClient.tool(here, 'ask');
    const requestState = stateOf(await client.send());
    expect((await client.with({ url: there.url }).send({ requestState })).json.error.code).toBe(-32602);
    await Promise.all([here.close(), there.close()]);
  });
});
