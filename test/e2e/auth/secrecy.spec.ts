import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Injectable, Logger } from '@nestjs/common';
import { InMemorySessionAdapter, McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { inspect } from 'node:util';
import { legacy, modern } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { ALICE, headersOf } from './cast.js';
import { startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';

const logged: unknown[][] = [];
const keep = (...all: unknown[]) => void logged.push(all);
const logger = { log: keep, warn: keep, error: keep, debug: keep, verbose: keep };

@Injectable()
class Tools {
  @McpTool({ name: 'show' })
  show(_: unknown, ctx: McpContext) {
    const { principal, client, request, protocolVersion, args } = ctx;
    return inspect({ principal, client, request, protocolVersion, args }, { depth: 10 });
  }

  @McpTool({ name: 'fail' })
  fail(_: unknown, ctx: McpContext) {
    const { headers } = ctx.http?.request as { headers: Record<string, string> };
    throw Object.assign(new Error(`Upstream refused ${headers['authorization']}`), { config: { headers } });
  }

  @McpTool({ name: 'throw' })
  throw(_: unknown, ctx: McpContext) {
    const { headers } = ctx.http?.request as { headers: Record<string, string> };

    throw { status: 502, config: { headers } };
  }
}

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

it('neither the context nor any log holds a token, whatever fails', async () => {
  Logger.overrideLogger(logger);
  const app = await startProtected({
    issuer,
    tools: [Tools],
    mcp: { logger, sessionAdapter: new InMemorySessionAdapter() },
  });
  const headers = await headersOf(issuer, ALICE);
  const [, token = ''] = String(headers['authorization']).split(' ');
  const session = await SessionClient.open(app, { headers });
  const answers = [];
  for (const name of ['show', 'fail', 'throw']) {
    const [body, own] = modern('tools/call', { name });
    answers.push(await app.post(body, { ...own, ...headers }), await session.call(name));
  }
  answers.push(
    await app.post('{', headers),
    await app.post([], headers),
    await app.post(legacy('none'), headers),
  );
  answers.push(await app.post(legacy('ping'), { authorization: `Bearer ${token}x` }));
  answers.push(await app.post(legacy('ping'), { authorization: `Bearer ${token} ${token}` }));
  await app.close();
  Logger.overrideLogger(false);

  expect(inspect(logged, { depth: 10 })).toContain('Upstream refused');
  const [signature = ''] = token.split('.').slice(-1);
  for (const seen of [
    ...logged.map((entry) => inspect(entry, { depth: 10 })),
    ...answers.map(({ text }) => text),
  ]) {
    expect(seen).not.toContain(signature);
  }
});
