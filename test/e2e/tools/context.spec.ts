import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { call, ERAS, resultOf } from '../nest/calls.js';

/** As an authentication guard leaves the caller on the request. */
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const user = request.headers['x-user'];
    if (user) request.user = JSON.parse(user);
    return true;
  }
}

@Injectable()
class ContextTools {
  @McpTool()
  inspect(args: Record<string, unknown>, ctx: McpContext<Record<string, unknown>>) {
    const http = ctx.http as { request: { url: string }; response: object };
    return {
      sameArgs: ctx.args === args,
      request: ctx.request,
      http: [http.request.url, typeof http.response],
      principal: ctx.principal ?? null,
      client: { info: ctx.client.info ?? null, capabilities: ctx.client.capabilities },
      protocolVersion: ctx.protocolVersion,
      aborted: ctx.signal.aborted,
      sameSignal: ctx.signal === ctx.signal,
    };
  }

  @McpTool()
  supports(args: { names: string[] }, ctx: McpContext) {
    return args.names.map((name) => ctx.client.supports(name));
  }
}

describe.each(PLATFORMS)('the context of a call on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [McpModule.forRoot()],
      providers: [ContextTools, { provide: APP_GUARD, useClass: UserGuard }],
    });
  });
  afterAll(() => app.close());

  describe.each(ERAS)('in the %s era', (era) => {
    const inspect = async (options = {}) =>
      (await resultOf(app, 'inspect', { era, ...options })).structuredContent;

    it('has the arguments, the request and the HTTP request', async () => {
      const found = await inspect({ args: { city: 'Graz' }, meta: { 'example.com/trace': 'abc' } });
      expect(found).toMatchObject({
        sameArgs: true,
        request: { method: 'tools/call', _meta: { 'example.com/trace': 'abc' } },
        http: ['/mcp', 'object'],
        aborted: false,
        sameSignal: true,
      });
      expect(typeof found.request.id).toBe('number');
    });

    it('has the caller that a guard has put on the request', async () => {
      const user = { iss: 'https://id.example', sub: 'ada', client_id: 'cli', plan: 'free' };
      const { principal } = await inspect({ headers: { 'x-user': JSON.stringify(user) } });
      expect(principal).toEqual({
        issuer: 'https://id.example',
        subject: 'ada',
        clientId: 'cli',
        claims: user,
      });
      expect((await inspect()).principal).toBeNull();
    });

    it('has what the client says about itself, where it does', async () => {
      const capabilities = { sampling: {}, elicitation: { url: {} } };
      const { client, protocolVersion } = await inspect({ capabilities });
      expect(client).toEqual(
        era === 'modern'
          ? { info: { name: 'test', version: '1.0.0' }, capabilities }
          : { info: null, capabilities: {} },
      );
      expect(protocolVersion).toBe(era === 'modern' ? '2026-07-28' : '2025-11-25');
    });
  });

  it('knows the older revisions', async () => {
    for (const version of ['2025-06-18', '2025-03-26']) {
      const headers = { 'mcp-protocol-version': version };
      const { structuredContent } = await resultOf(app, 'inspect', { era: 'legacy', headers });
      expect(structuredContent.protocolVersion).toBe(version);
    }
  });

  it.each([
    [{}, [false, false, false, false]],
    [{ sampling: {} }, [true, false, false, false]],
    [{ elicitation: {} }, [false, true, true, false]],
    [{ elicitation: { form: {} } }, [false, true, true, false]],
    [{ elicitation: { url: {} } }, [false, true, false, true]],
    [{ sampling: {}, elicitation: { form: {}, url: {} } }, [true, true, true, true]],
  ])('tells what a client supports: %j', async (capabilities, expected) => {
    const names = ['sampling', 'elicitation', 'elicitation.form', 'elicitation.url'];
    const { json } = await call(app, 'supports', { args: { names }, capabilities });
    expect(JSON.parse(json.result.content[0].text)).toEqual(expected);
  });

  it('takes only own properties for capabilities', async () => {
    const { content } = await resultOf(app, 'supports', { args: { names: ['toString', '', 'a.b'] } });
    expect(content[0].text).toBe('[false,false,false]');
  });
});
