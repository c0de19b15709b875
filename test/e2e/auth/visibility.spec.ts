import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import {
  McpExecutionContext,
  McpPublic,
  McpResource,
  McpScopes,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { askIn, ERAS } from '../../support/ask.js';
import { bearer, challengeOf, RESOURCE, startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';

const isAda = ({ principal }: McpContext) => principal?.subject === 'ada';

@Injectable()
class AdaGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return isAda(McpExecutionContext.create(context).getContext());
  }
}

@Injectable()
class Tools {
  @McpTool({ name: 'hidden', visible: isAda })
  @McpScopes('secret')
  hidden() {
    return 'seen';
  }

  @McpTool({ name: 'guarded' })
  @UseGuards(AdaGuard)
  @McpScopes('secret')
  guarded() {
    return 'let in';
  }

  @McpTool({ name: 'shy', visible: isAda })
  @McpPublic()
  shy() {
    return 'seen';
  }

  @McpResource({ uriTemplate: 'doc://{id}', name: 'any document' })
  document() {
    return 'a document';
  }

  @McpResource({ uriTemplate: 'doc://secret-{id}', name: 'secret document', visible: isAda })
  @McpScopes('secret')
  secret() {
    return 'a secret';
  }
}

let issuer: TestIssuer;
let app: TestApp;
beforeAll(async () => {
  issuer = await TestIssuer.start();
  app = await startProtected({ issuer, tools: [Tools], mcp: { hideDenied: true } });
});
afterAll(() => Promise.all([app.close(), issuer.close()]));

const as = async (sub: string, scope?: string) =>
  bearer(await issuer.token({ sub, aud: RESOURCE, ...(scope && { scope }) }));

describe.each(ERAS)('scopes of what not everybody may know of, for a %s client', (era) => {
  const call = async (name: string, headers: Record<string, string>) =>
    askIn(app, era)('tools/call', { name }, headers);
  const read = async (uri: string, headers: Record<string, string>) =>
    askIn(app, era)('resources/read', { uri }, headers);

  it.each(['hidden', 'guarded'])(
    'are named to those who may know of "%s", and to nobody else',
    async (name) => {
      const ada = await call(name, await as('ada'));
      expect(ada.status).toBe(403);
      expect(challengeOf(ada.headers)['scope']).toBe('secret');
      expect((await call(name, await as('ada', 'secret'))).json.result.isError).toBeFalsy();
      for (const headers of [await as('bob'), await as('bob', 'secret')]) {
        const { json, status } = await call(name, headers);
        expect(status).toBe(200);
        expect(json.error.message).toBe(`Unknown tool: ${name}`);
      }
    },
  );

  it('do not stand in the way of what a caller may see instead', async () => {
    expect((await read('doc://secret-1', await as('ada', 'secret'))).json.result.contents[0].text).toBe(
      'a secret',
    );
    expect((await read('doc://secret-1', await as('ada'))).status).toBe(403);
    expect((await read('doc://secret-1', await as('bob'))).json.result.contents[0].text).toBe('a document');
  });

  it('leave hidden what is public for some', async () => {
    expect((await call('shy', {})).json.error.message).toBe('Unknown tool: shy');
    expect((await call('shy', await as('ada'))).json.result.content[0].text).toBe('seen');
  });
});
