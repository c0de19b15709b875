import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AdapterUnavailableError,
  InMemorySessionAdapter,
  InProcessChannel,
  InProcessNotificationBus,
  McpRegistry,
} from 'nestjs-mcp-adapters';
import type { BusEvent } from 'nestjs-mcp-adapters/adapters';
import type { TestApp } from '../../support/app.js';
import type { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions } from './fixture.js';

/** One store that outlives the applications, and fails as often as it is told to. */
class SharedSessions extends InMemorySessionAdapter {
  failures = 0;

  override async appendEvent(...given: Parameters<InMemorySessionAdapter['appendEvent']>) {
    if (this.failures-- > 0) throw new AdapterUnavailableError('away');
    return super.appendEvent(...given);
  }

  override async close() {}
}

/** Holds back, or refuses, what says that a client has come, and tells what it was given. */
class HeldBus extends InProcessNotificationBus {
  held: Promise<void> | undefined;
  isAway = false;
  readonly opening = new Gate();
  readonly changed = new Gate();

  override async publish(event: BusEvent) {
    if (event.type === 'stream_opened') {
      this.opening.open();
      if (this.isAway) throw new AdapterUnavailableError('away');
      await this.held;
    }
    await super.publish(event);
    if (event.type === 'list_changed') this.changed.open();
  }
}

describe('a client that listens at one of two instances', () => {
  let a: TestApp;
  let b: TestApp;
  let sessionAdapter: SharedSessions;
  let busOfA: HeldBus;
  let busOfB: HeldBus;
  let client: SessionClient;
  let stream: RawExchange;

  beforeEach(async () => {
    sessionAdapter = new SharedSessions();
    const channel = new InProcessChannel();
    busOfA = new HeldBus(channel);
    busOfB = new HeldBus(channel);
    a = await startSessions({ mcp: { sessionAdapter, notificationBus: busOfA } });
    b = await startSessions({ mcp: { sessionAdapter, notificationBus: busOfB } });
    client = await SessionClient.open(a);
    stream = client.listen();
    await stream.until(() => stream.lastEventId !== undefined);
  });
  afterEach(async () => {
    stream.cut();
    await Promise.all([a.close(), b.close()]);
  });

  /** The tools of both have changed: each tells the clients that listen anywhere. */
  async function change(app: TestApp): Promise<void> {
    await app.app.get(McpRegistry, { strict: false }).addTool({ name: 'late' }, () => 'late');
  }
  const isChange = ({ method }: any) => method === 'notifications/tools/list_changed';

  it('hears once of what changes while it moves to the other', async () => {
    const gate = new Gate();
    busOfB.held = gate.opened;
    const lastEventId = stream.lastEventId;
    stream.cut();
    const moved = client.with({ url: b.url }).listen(lastEventId);
    await busOfB.opening.opened;
    await change(a);
    await busOfA.changed.opened;
    gate.open();
    await moved.message(isChange);
    // Whatever else there was to say came before the answer to this.
    await client.with({ url: b.url }).request('ping');
    expect(moved.messages.filter(isChange)).toHaveLength(1);
    moved.cut();
  });

  it('is asked to come again while the first cannot hear that it has moved', async () => {
    busOfB.isAway = true;
    const refused = await client.with({ url: b.url }).get();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    await change(a);
    await stream.message(isChange);
    expect(stream.messages.filter(isChange)).toHaveLength(1);
  });

  it('hears of a change that the store could not take at once', async () => {
    sessionAdapter.failures = 2;
    await change(a);
    await stream.message(isChange);
    expect(stream.messages.filter(isChange)).toHaveLength(1);
  });
});
