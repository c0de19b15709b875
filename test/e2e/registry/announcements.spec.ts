import { describe, expect, it } from '@jest/globals';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  InProcessChannel,
  InProcessNotificationBus,
  McpModule,
  McpRegistry,
  McpTool,
  NotificationBus,
} from 'nestjs-mcp-adapters';
import type { BusEvent } from 'nestjs-mcp-adapters/adapters';
import { startApp } from '../../support/app.js';
import { resultsIn } from '../../support/ask.js';

@Injectable()
class Early implements OnModuleInit {
  constructor(private readonly registry: McpRegistry) {}

  async onModuleInit() {
    await this.registry.addTool({ name: 'early' }, () => '');
  }

  @McpTool() decorated() {}
}

async function eventsOf(
  change: (registry: McpRegistry) => Promise<unknown>,
  name?: string,
): Promise<BusEvent[]> {
  const channel = new InProcessChannel();
  const events: BusEvent[] = [];
  const observer = new InProcessNotificationBus(channel);
  await observer.subscribe((event) => void events.push(event));
  const notificationBus = new InProcessNotificationBus(channel);
  const app = await startApp({
    imports: [McpModule.forRoot({ notificationBus, ...(name !== undefined && { name }) })],
    providers: [Early],
  });
  expect(events).toEqual([]);
  expect((await resultsIn(app, 'modern')('tools/list')).tools).toHaveLength(2);
  await change(app.app.get(McpRegistry, { strict: false }));
  await new Promise(setImmediate);
  await app.close();
  return events;
}

const changed = (list: string, server = '') => ({ type: 'list_changed', server, list });

describe('a change while the application runs', () => {
  it('is announced once each, in order, with the name of the server', async () => {
    const events = await eventsOf(async (registry) => {
      await registry.addTool({ name: 'a' }, () => '');
      await registry.replaceTool({ name: 'a' }, () => '');
      await registry.removeTool('a');
      await registry.addResource({ uri: 'x://1' }, () => '');
      await registry.addResource({ uriTemplate: 'x://{a}' }, () => '');
      await registry.removeResource('x://{a}');
      await registry.addPrompt({ name: 'p' }, () => '');
      await registry.resourceUpdated('x://1');
    }, 'main');
    expect(events).toEqual([
      ...['tools', 'tools', 'tools', 'resources', 'resources', 'resources', 'prompts'].map((list) =>
        changed(list, 'main'),
      ),
      { type: 'resource_updated', server: 'main', uri: 'x://1' },
    ]);
  });

  it('is not announced when nothing has changed', async () => {
    const events = await eventsOf(async (registry) => {
      await registry.removeTool('none');
      await registry.removeResource('x://none');
      await registry.removePrompt('none');
      await registry.addTool({ name: 'early' }, () => '').catch(() => undefined);
      await registry.addTool({ name: 'not a name' }, () => '').catch(() => undefined);
    });
    expect(events).toEqual([]);
  });

  it('has happened although the bus is down, which is logged', async () => {
    class Broken extends InProcessNotificationBus {
      override publish(): Promise<void> {
        return Promise.reject(new Error('no connection'));
      }
    }
    const errors: string[] = [];
    const logger = { log() {}, warn() {}, error: (message: string) => void errors.push(message) };
    const app = await startApp({ imports: [McpModule.forRoot({ notificationBus: new Broken(), logger })] });
    await app.app.get(McpRegistry, { strict: false }).addTool({ name: 'a' }, () => '');
    expect((await resultsIn(app, 'modern')('tools/list')).tools).toHaveLength(1);
    expect(errors).toEqual([expect.stringMatching(/^Could not announce .*"list":"tools".*no connection/)]);
    await app.close();
  });

  it('goes over the bus of the application, given as an instance, a class or a provider', async () => {
    class MyBus extends InProcessNotificationBus {}
    for (const notificationBus of [
      new MyBus(),
      MyBus,
      { useClass: MyBus },
      { useFactory: () => new MyBus() },
    ]) {
      const app = await startApp({ imports: [McpModule.forRoot({ notificationBus })] });
      expect(app.app.get(NotificationBus, { strict: false })).toBeInstanceOf(MyBus);
      await app.close();
    }
  });
});
