import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { until } from '../conversations/fixture.js';
import { startServer } from './fixture.js';

it.each(PLATFORMS)(
  'the official client listens, hears what it asked for, and stops, on %s',
  async (platform) => {
    // fetch of Node.js 24 opens connections in advance, which no server takes for idle.
    const force = { forceCloseConnections: true };
    const server = await startServer({ platform }, { nest: force, fastify: force });
    const client = new Client(
      { name: 'official', version: '1.0.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    const heard: string[] = [];
    client.setNotificationHandler('notifications/tools/list_changed', () => void heard.push('tools'));
    client.setNotificationHandler('notifications/prompts/list_changed', () => void heard.push('prompts'));
    client.setNotificationHandler(
      'notifications/resources/updated',
      ({ params }) => void heard.push(params.uri),
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
    const subscription = await client.listen({
      toolsListChanged: true,
      resourceSubscriptions: ['test://open'],
    });
    await server.registry.addPrompt({ name: 'p' }, () => '');
    await server.registry.addTool({ name: 'a' }, () => '');
    await server.transport.notifyResourceUpdated('test://open');
    await until(() => heard.includes('test://open'));
    expect(heard).toEqual(['tools', 'test://open']);
    await subscription.close();
    await until(() => server.transport.stats().subscriptions === 0);
    await client.close();
    await server.close();
  },
);
