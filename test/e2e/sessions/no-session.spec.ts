import { describe, expect, it } from '@jest/globals';
import type { McpContext } from 'nestjs-mcp-adapters';
import { legacy, modern } from '../../support/http.js';
import { startSessions } from './fixture.js';
import { startScripted } from '../conversations/fixture.js';

/** View of a handler of a session that is not there. */
const look = async (ctx: McpContext) => {
  try {
    return `got ${typeof ctx.session}`;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
};

describe('ctx.session of a request without one', () => {
  it.each([
    { server: 'a server with sessions, for 2026-07-28', start: startSessions, era: modern },
    { server: 'a server without sessions, for 2026-07-28', start: startScripted, era: modern },
    {
      server: 'a server without sessions, for 2025-06-18',
      start: startScripted,
      era: (method: string, params: object) => [legacy(method, params), {}] as const,
    },
  ])('throws an error with a name and the way out: $server', async ({ start, era }) => {
    const app = await start({ tools: { look } });
    const [body, headers] = era('tools/call', { name: 'look', arguments: {} });
    const { json } = await app.post(body, { ...headers });
    await app.close();
    expect(json.result.content[0].text).toMatch(
      /^McpSessionUnavailableError: ctx\.session: .*sessionAdapter/,
    );
  });
});
