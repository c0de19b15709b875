import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  AdapterUnavailableError,
  InMemoryTaskAdapter,
  InProcessNotificationBus,
  McpTool,
} from 'nestjs-mcp-adapters';
import type { BusListener } from '../../../lib/adapters/notification-bus.js';
import { call } from '../tasks/support.js';
import { startSessions } from './fixture.js';

/** Counts who listens. */
class CountingBus extends InProcessNotificationBus {
  listening = 0;

  override async subscribe(listener: BusListener) {
    const leave = await super.subscribe(listener);
    this.listening++;
    return async () => {
      this.listening--;
      await leave();
    };
  }
}

@Injectable()
class Tools {
  @McpTool({ name: 'slow', task: 'required' })
  async slow() {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return 'done';
  }
}

class FailingTasks extends InMemoryTaskAdapter {
  override handOver(): Promise<void> {
    return Promise.reject(new AdapterUnavailableError('The store is away'));
  }
}

describe('a server that closes while tasks cannot be handed over', () => {
  it('closes its sessions all the same, and tells of the failure', async () => {
    const notificationBus = new CountingBus();
    const errors: string[] = [];
    const logger = { log() {}, warn() {}, error: (message: string) => void errors.push(message) };
    const app = await startSessions({ mcp: { notificationBus, tasks: new FailingTasks(), logger } });
    expect(notificationBus.listening).toBeGreaterThan(0);
    await app.close();
    expect(notificationBus.listening).toBe(0);
    expect(errors).toEqual([expect.stringContaining('The store is away')]);
  });

  it('lets other tasks come to their end first', async () => {
    const tasks = new FailingTasks();
    const logger = { log() {}, warn() {}, error() {} };
    const app = await startSessions({ mcp: { tasks, logger }, providers: [Tools] });
    const { taskId } = (await call(app, 'slow')).result;
    await app.close();
    expect((await tasks.get(taskId))?.data.status).toBe('completed');
  });
});
