import { expect, it } from '@jest/globals';
import { McpModule } from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';
import { ClockTools } from '../../../sample/01-quick-start/app.module.js';
import { auth0, entra, keycloak, opaque } from './auth.providers.js';

process.env['INTROSPECTION_SECRET'] = 'secret';

it.each(Object.entries({ keycloak, auth0, entra, opaque }))(
  'the settings for %s start',
  async (_name, auth) => {
    const app = await startApp({
      imports: [McpModule.forRoot({ publicUrl: 'https://mcp.example', auth })],
      providers: [ClockTools],
    });
    const response = await fetch(app.url, { method: 'POST' });
    expect(response.status).toBe(401);
    const document = await fetch(`${app.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await document.json()).toMatchObject({ authorization_servers: auth.authorizationServers });
    await app.close();
  },
);
