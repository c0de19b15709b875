import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { McpRegistry, MemoryStore, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions } from './fixture.js';

/** A store that outlives the applications. */
class LastingStore extends MemoryStore {
  override readonly isShared = true;
  override async close() {}
}

const isChange = ({ method }: any) => method === 'notifications/tools/list_changed';
const isLast = ({ method }: any) => method === 'notifications/message';

let a: TestApp;
let b: TestApp;
let client: SessionClient;
beforeEach(async () => {
  const store = new LastingStore();
  const serverInfo = { name: 'handover', version: '1.0.0' };
  const mcp = { serverInfo, store, requestStateSecret: 'x'.repeat(32), shutdownGraceMs: 0 };
  const tools = { say: (ctx: any) => ctx.log.info('said').then(() => 'said') };
  a = await startSessions({ mcp, tools });
  b = await startSessions({ mcp, tools });
  client = await SessionClient.open(a);
});
afterEach(async () => {
  await a.close();
  await b.close();
});

async function change({ app }: TestApp, name: string): Promise<void> {
  await app.get(McpRegistry, { strict: false }).addTool({ name }, () => name);
}

/** All changes that the client hears of at an instance until it is told something there. */
async function changesHeard(at: TestApp, lastEventId: string | undefined): Promise<number> {
  const stream = client.with({ url: at.url }).listen(lastEventId);
  await stream.message(isChange);
  const session = at.app.get(StreamableHttpTransport).session(client.id);
  await session.notify('notifications/message', { level: 'info', data: 'last' });
  await stream.message(isLast);
  stream.cut();
  return stream.messages.filter(isChange).length;
}

it('what changes between the end of an instance and the return of its client elsewhere is heard once', async () => {
  const stream = client.listen();
  await stream.until(() => stream.lastEventId !== undefined);
  await change(b, 'before');
  await stream.message(isChange);
  await a.close();
  await change(b, 'between');
  expect(await changesHeard(b, stream.lastEventId)).toBe(1);
});

it('what changes once the client listens elsewhere is heard once, however late its first instance ends', async () => {
  const stream = client.listen();
  await stream.until(() => stream.lastEventId !== undefined);
  const moved = client.with({ url: b.url }).listen(stream.lastEventId);
  await stream.closed;
  await a.close();
  moved.cut();
  await change(b, 'after');
  expect(await changesHeard(b, stream.lastEventId)).toBe(1);
});

it('what changed before a client listened at all is not heard', async () => {
  await change(b, 'before');
  const stream = client.listen();
  await stream.until(() => stream.lastEventId !== undefined);
  await a.close();
  await change(b, 'between');
  expect(await changesHeard(b, stream.lastEventId)).toBe(1);
});
