import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, McpModule, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import type { JwtTokenVerifierOptions } from 'nestjs-mcp-adapters/jwt';
import { startApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { textOf, toolsOf, until } from '../sessions/fixture.js';
import { ALICE, headersOf } from './cast.js';
import { TestIssuer } from './issuer.js';
import { startStage, WORLDS, type Stage, type World } from './worlds.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

/** Expires soon after it was looked at, however long it took to get there. */
const SHORT = { ...ALICE, brief: true };
const BRIEFLY: Partial<JwtTokenVerifierOptions> = {
  clockToleranceMs: 0,
  principal: ({ iss, client_id, sub, scope, exp, brief }: any) => ({
    issuer: iss,
    clientId: client_id,
    subject: sub,
    scopes: scope.split(' '),
    expiresAt: brief ? Date.now() + 2000 : exp * 1000,
  }),
};

const statsOf = ({ app }: Stage) => app.get(StreamableHttpTransport, { strict: false }).stats();

describe.each(WORLDS)('when a token expires, with sessions %s', (_world, startWorld) => {
  let world: World;
  let stage: Stage;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.dispose());
  beforeEach(async () => {
    stage = await startStage(issuer, world.adapters(), BRIEFLY);
  });
  afterEach(() => stage.close());

  const open = async () => SessionClient.open(stage, { headers: await headersOf(issuer, ALICE) });
  const withToken = async (session: SessionClient, grant: typeof ALICE) =>
    session.with({ headers: await headersOf(issuer, grant) });

  it('the stream of the session ends, and goes on with a new one, nothing lost', async () => {
    const session = await open();
    const listening = (await withToken(session, SHORT)).listen();
    await listening.until(() => listening.events.length > 0);
    await listening.closed;
    expect(listening.isComplete).toBe(true);
    expect((await session.request('ping')).status).toBe(200);
    const transport = stage.app.get(StreamableHttpTransport, { strict: false });
    await transport.session(session.id).notify('notifications/resources/updated', { uri: 'test://missed' });
    const resumed = (await withToken(session, ALICE)).listen(listening.lastEventId);
    const missed = await resumed.message(({ method }) => method === 'notifications/resources/updated');
    expect(missed.params.uri).toBe('test://missed');
    resumed.cut();
  });

  it('the stream of a call ends, the call goes on, and its result is there for a new one', async () => {
    const session = await withToken(await open(), SHORT);
    const call = session.begin('hold', {}, { id: 'held', progressToken: 1 });
    await call.message(({ method }) => method === 'notifications/progress');
    await call.closed;
    expect(call.messages.map(({ method }) => method)).toEqual(['notifications/progress']);
    stage.gate.open();
    const resumed = (await withToken(session, ALICE)).listen(call.lastEventId);
    expect(textOf(await resumed.message(({ id }) => id === 'held'))).toBe('held for alice');
    expect(stage.aborted).toEqual([]);
  });

  it('it opens nothing any more', async () => {
    const session = await open();
    const late = await withToken(session, { ...ALICE, expiresIn: -1 });
    expect((await late.request('ping')).status).toBe(401);
    expect(await late.listen().answered()).toBe(401);
  });
});

describe('when a token expires, with nothing kept', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage(issuer, {}, BRIEFLY);
  });
  afterEach(() => stage.close());

  const send = async (body: object, headers: Record<string, string>) =>
    new RawExchange(stage.url, {
      method: 'POST',
      body,
      headers: {
        accept: 'application/json, text/event-stream',
        ...headers,
        ...(await headersOf(issuer, SHORT)),
      },
    });

  it('a subscription ends, as one does that the server ends', async () => {
    const [body, headers] = modern(
      'subscriptions/listen',
      { notifications: { toolsListChanged: true } },
      { id: 'sub' },
    );
    const stream = await send(body, headers);
    const result = await stream.message(({ id }) => id === 'sub');
    expect(result.result.resultType).toBe('complete');
    await stream.closed;
    expect(stream.isComplete).toBe(true);
    await until(() => statsOf(stage).subscriptions === 0);
  });

  it.each([
    ['modern', () => modern('tools/call', { name: 'hold' }, { id: 'held', meta: { progressToken: 1 } })],
    [
      'legacy',
      () => [legacy('tools/call', { name: 'hold', _meta: { progressToken: 1 } }, 'held'), {}] as const,
    ],
  ])('the stream of a %s call ends with an error, and the call is cancelled', async (_era, request) => {
    const stream = await send(...(request() as [object, Record<string, string>]));
    const answer = await stream.message(({ id }) => id === 'held');
    expect(answer.error).toEqual({ code: -32600, message: 'The access token has expired' });
    await stream.closed;
    expect(stage.aborted).toEqual(['held']);
    stage.gate.open();
    await until(() => statsOf(stage).requests === 0 && statsOf(stage).streams === 0);
  });
});

it('a guard of the application that says until when ends streams just so', async () => {
  const expiresAt = Date.now() + 1500;
  const app = await startApp({
    imports: [
      McpModule.forRoot({
        sessionAdapter: new InMemorySessionAdapter(),
        principal: () => ({ subject: 'ada', expiresAt }),
      }),
    ],
    providers: [toolsOf({ noop: () => '' })],
  });
  const session = await SessionClient.open(app);
  const listening = session.listen();
  await listening.until(() => listening.events.length > 0);
  await listening.closed;
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  await app.close();
});
