import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, InProcessNotificationBus } from 'nestjs-mcp-adapters';
import type { BusEvent } from 'nestjs-mcp-adapters/adapters';
import type { TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions } from './fixture.js';

/** Fails on demand. */
class BrokenSessions extends InMemorySessionAdapter {
  isBroken = false;

  override async appendEvent(...given: Parameters<InMemorySessionAdapter['appendEvent']>) {
    if (this.isBroken) throw new Error('secret-host: connection refused');
    return super.appendEvent(...given);
  }

  override async open(...given: Parameters<InMemorySessionAdapter['open']>) {
    if (this.isBroken) throw new Error('secret-host: connection refused');
    return super.open(...given);
  }
}

class BrokenBus extends InProcessNotificationBus {
  isBroken = false;

  override async publish(event: BusEvent) {
    if (this.isBroken) throw new Error('secret-host: connection refused');
    return super.publish(event);
  }
}

describe('a store that fails', () => {
  let app: TestApp;
  let sessionAdapter: BrokenSessions;
  let notificationBus: BrokenBus;
  let client: SessionClient;
  let gate: Gate;
  const logged: string[] = [];

  beforeEach(async () => {
    logged.length = 0;
    gate = new Gate();
    sessionAdapter = new BrokenSessions();
    notificationBus = new BrokenBus();
    app = await startSessions({
      mcp: {
        sessionAdapter,
        notificationBus,
        logger: { log() {}, warn() {}, error: (message: string) => logged.push(message) },
      },
      tools: {
        begin: async (ctx) => {
          await gate.opened;
          await ctx.progress(1);
          return 'done';
        },
        go: async (ctx) => {
          await ctx.progress(1);
          await gate.opened;
          return 'done';
        },
      },
    });
    client = await SessionClient.open(app);
  });
  afterEach(() => app.close());

  it('is a 500 that says nothing about it', async () => {
    sessionAdapter.isBroken = true;
    for (const answer of [await client.request('ping'), await client.get(), await client.delete()]) {
      expect([answer.status, answer.json.error.code]).toEqual([500, -32603]);
      expect(answer.text).not.toContain('secret-host');
    }
    expect(logged.join()).toContain('secret-host');
  });

  it('does not leave a client waiting for a stream that cannot begin', async () => {
    const answer = client.call('begin', {}, { progressToken: 1 });
    await client.request('ping');
    sessionAdapter.isBroken = true;
    gate.open();
    expect((await answer).status).toBe(500);
  });

  it('does not leave a client waiting for the end of a stream', async () => {
    const call = client.begin('go', {}, { progressToken: 1 });
    await call.until(() => call.messages.length === 1);
    sessionAdapter.isBroken = true;
    gate.open();
    await call.closed;
    expect(call.isComplete).toBe(false);
  });

  it('that has lost a session says so to the call that runs for it', async () => {
    const answer = client.call('begin', {}, { progressToken: 1 });
    await client.request('ping');
    await sessionAdapter.delete(client.id);
    gate.open();
    expect((await answer).status).toBe(404);
  });

  it('is no matter to a stream where it is only the bus', async () => {
    notificationBus.isBroken = true;
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    const call = client.begin('go', {}, { progressToken: 1 });
    await call.until(() => call.messages.length === 1);
    call.cut();
    const resumed = client.listen(call.lastEventId);
    gate.open();
    await resumed.message((message) => 'result' in message);
    stream.cut();
  });
});
