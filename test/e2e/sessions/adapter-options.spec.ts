import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import {
  ClientRequestAdapter,
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  SessionAdapter,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { textOf, toolsOf } from './fixture.js';
import { InMemoryPlainAdapter, InMemoryPlainRequests } from './plain-adapters.js';

@Injectable()
class Prefix {
  readonly value = 'app-';
}

@Module({ providers: [Prefix], exports: [Prefix] })
class PrefixModule {}

@Injectable()
class PrefixedSessions extends InMemorySessionAdapter {
  constructor(private readonly prefix: Prefix) {
    super();
  }

  override generateSessionId(): string {
    return this.prefix.value + super.generateSessionId();
  }
}

const EXISTING = Symbol('existing');

@Module({
  imports: [PrefixModule],
  providers: [
    { provide: EXISTING, useFactory: (prefix: Prefix) => new PrefixedSessions(prefix), inject: [Prefix] },
  ],
  exports: [EXISTING, PrefixModule],
})
class ExistingModule {}

const WAYS: Record<string, McpModuleOptions['sessionAdapter'] & object> = {
  'an instance': new PrefixedSessions(new Prefix()),
  'a class': PrefixedSessions,
  useClass: { useClass: PrefixedSessions },
  useFactory: { useFactory: async (prefix: Prefix) => new PrefixedSessions(prefix), inject: [Prefix] },
  useExisting: { useExisting: EXISTING },
};

const tools = toolsOf({
  id: (ctx) => ctx.session.id,
  ask: async (ctx) => {
    await ctx.progress(1);
    const { action } = await ctx.elicit({ message: '?', schema: { type: 'object', properties: {} } });
    return `${action} ${ctx.session.id}`;
  },
});

async function askThrough(server: DynamicModule): Promise<string> {
  const app = await startApp({ imports: [server], providers: [tools] });
  const client = await SessionClient.open(app, { capabilities: { elicitation: {} } });
  const call = client.begin('ask', {}, { progressToken: 1 });
  const question = await call.message(({ method }) => method === 'elicitation/create');
  call.cut();
  await client.answer(question, { action: 'decline' });
  const resumed = client.listen(call.lastEventId);
  expect(textOf(await resumed.message((message) => 'result' in message))).toBe(`decline ${client.id}`);
  expect(app.app.get(SessionAdapter)).toBeInstanceOf(SessionAdapter);
  expect(app.app.get(ClientRequestAdapter)).toBeInstanceOf(ClientRequestAdapter);
  await app.close();
  return client.id;
}

describe.each(Object.entries(WAYS))('a session adapter given as %s', (_way, sessionAdapter) => {
  const options = { sessionAdapter, clientRequestAdapter: InMemoryClientRequestAdapter };

  it('is used in forRoot', async () => {
    const server = McpModule.forRoot(options);
    expect(await askThrough({ ...server, imports: [...(server.imports ?? []), ExistingModule] })).toMatch(
      /^app-/,
    );
  });

  it('is used in forRootAsync', async () => {
    const server = McpModule.forRootAsync({ imports: [ExistingModule], useFactory: async () => options });
    expect(await askThrough(server)).toMatch(/^app-/);
  });
});

describe('adapters of nothing but the methods', () => {
  const requestStateSecret = 'x'.repeat(32);

  it('work as instances of classes that know nothing of this library', async () => {
    const requests = new InMemoryPlainRequests();
    const sessions = new InMemoryPlainAdapter();
    const options = { sessionAdapter: sessions, clientRequestAdapter: requests, requestStateSecret };
    const id = await askThrough(McpModule.forRoot(options));
    expect(sessions.has(id)).toBe(true);
    expect(requests.waiting.size).toBe(0);
  });

  it('work as classes, and as plain objects made by a factory', async () => {
    const plain = new InMemoryPlainAdapter();
    const useFactory = () => ({
      generateSessionId: () => plain.generateSessionId(),
      create: plain.create.bind(plain),
      has: plain.has.bind(plain),
      get: plain.get.bind(plain),
      appendEvent: plain.appendEvent.bind(plain),
      replay: plain.replay.bind(plain),
      delete: plain.delete.bind(plain),
    });
    const options = {
      sessionAdapter: { useFactory },
      clientRequestAdapter: InMemoryPlainRequests,
      requestStateSecret,
    };
    expect(plain.has(await askThrough(McpModule.forRoot(options as McpModuleOptions)))).toBe(true);
  });

  it('keep the streams of one session from another, though the store does not', async () => {
    const sessionAdapter = new MixedUpSessions();
    const server = McpModule.forRoot({ sessionAdapter, requestStateSecret });
    const app = await startApp({ imports: [server], providers: [toolsOf({ go: (ctx) => ctx.progress(1) })] });
    const [one, other] = [await SessionClient.open(app), await SessionClient.open(app)];
    const call = one.begin('go', {}, { progressToken: 1 });
    await call.closed;
    const listening = one.listen();
    await listening.until(() => listening.events.length > 0);
    for (const { id } of [...call.events, ...listening.events]) {
      const answer = await other.get({ accept: 'text/event-stream', 'last-event-id': String(id) });
      expect(answer.status).toBe(400);
    }
    listening.cut();
    await app.close();
  });

  it('have one connection per stream, though their event ids say nothing of it', async () => {
    const server = McpModule.forRoot({ sessionAdapter: new InMemoryPlainAdapter(), requestStateSecret });
    const app = await startApp({ imports: [server], providers: [tools] });
    const client = await SessionClient.open(app);
    const first = client.listen();
    await first.until(() => first.events.length > 0);
    const second = client.listen(first.lastEventId);
    await first.closed;
    expect(await second.answered()).toBe(200);
    second.cut();
    await app.close();
  });
});

/** Finds events wherever they are, as a store does that keeps one log for all. */
class MixedUpSessions extends InMemoryPlainAdapter {
  override async replay(...[, lastEventId, write]: Parameters<InMemoryPlainAdapter['replay']>) {
    for (const id of this.sessions.keys()) {
      await super.replay(id, lastEventId, write).catch(() => {});
    }
  }
}
