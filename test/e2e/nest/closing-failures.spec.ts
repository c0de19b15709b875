import { expect, it } from '@jest/globals';
import { InMemorySessionAdapter, InProcessNotificationBus, McpModule } from 'nestjs-mcp-adapters';
import type { BusListener } from 'nestjs-mcp-adapters/adapters';
import { startApp } from '../../support/app.js';

class StuckBus extends InProcessNotificationBus {
  isClosed = false;

  override async subscribe(listener: BusListener) {
    await super.subscribe(listener);
    return () => Promise.reject(new Error('The bus is away'));
  }

  override async close() {
    this.isClosed = true;
  }
}

class ClosableSessions extends InMemorySessionAdapter {
  isClosed = false;

  override async close() {
    this.isClosed = true;
    throw new Error('The store is away');
  }
}

it('what cannot be closed keeps nothing else from being closed, and is told once', async () => {
  const notificationBus = new StuckBus();
  const sessionAdapter = new ClosableSessions();
  const logged: string[] = [];
  const logger = { log: () => {}, warn: () => {}, error: (line: string) => logged.push(line) };
  const app = await startApp({
    imports: [McpModule.forRoot({ notificationBus, sessionAdapter, logger })],
  });
  await app.close();
  expect([sessionAdapter.isClosed, notificationBus.isClosed]).toEqual([true, true]);
  expect(logged).toEqual([
    expect.stringMatching(/^Closing StreamableHttpTransport failed .*The bus is away/),
    expect.stringMatching(/^Closing ClosableSessions failed .*The store is away/),
  ]);
});
