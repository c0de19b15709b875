import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { McpModule } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { askIn, ERAS } from '../../support/ask.js';
import { challengeOf } from './fixture.js';
import { Weather } from './weather.js';

/** Knows its users already, and lets in whom it does not know. */
@Injectable()
class HouseGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const [sub, scope] = String(request.headers['x-user'] ?? '').split('|');
    if (sub) request.user = { sub, scope };
    return true;
  }
}

describe.each(PLATFORMS)('a guard of the application on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [
        McpModule.forRoot({
          publicUrl: 'https://mcp.example',
          auth: { authorizationServers: ['https://id.example'], scopesSupported: ['weather:read'] },
        }),
      ],
      providers: [Weather, { provide: APP_GUARD, useClass: HouseGuard }],
    });
  });
  afterAll(() => app.close());

  it.each(ERAS)(
    'says who calls; scopes, challenges and metadata are the same for a %s client',
    async (era) => {
      const call = (name: string, headers = {}) => askIn(app, era)('tools/call', { name }, headers);
      const { json } = await call('forecast', { 'x-user': 'ada|weather:read' });
      expect(json.result.content[0].text).toBe('for ada');
      expect((await call('forecast', { 'x-user': 'ada' })).status).toBe(403);
      expect((await call('forecast')).status).toBe(401);
      expect(challengeOf((await call('forecast')).headers)['scope']).toBe('weather:read');
      expect((await call('about')).json.result.content[0].text).toBe('told to anybody');
      const document = await fetch(`${app.origin}/.well-known/oauth-protected-resource/mcp`);
      expect(await document.json()).toMatchObject({ authorization_servers: ['https://id.example'] });
    },
  );
});
