import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { McpSessionUnavailableError, StreamableHttpTransport, type ClientSession } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import type { RawExchange } from '../../support/raw-http.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { startSessions, until } from './fixture.js';

const question = {
  message: 'Still there?',
  schema: { type: 'object', properties: { ok: { type: 'boolean' } } },
};
const isQuestion = ({ method }: any) => method === 'elicitation/create';

describe('a question that belongs to no request', () => {
  let app: TestApp;
  let client: SessionClient;
  let session: ClientSession;
  let stream: RawExchange;

  beforeEach(async () => {
    app = await startSessions({ mcp: { limits: { sessions: 1 } } });
    const capabilities = { elicitation: {}, sampling: {}, roots: {} };
    client = await SessionClient.open(app, { capabilities });
    session = app.app.get(StreamableHttpTransport).session(client.id);
    stream = client.listen();
    await stream.until(() => stream.events.length > 0);
  });
  afterEach(async () => {
    stream.cut();
    await app.close();
  });

  it('goes out on the stream of the session', async () => {
    const answer = session.elicit(question);
    const asked = await stream.message(isQuestion);
    expect((await client.answer(asked, { action: 'accept', content: { ok: true } })).status).toBe(202);
    expect(await answer).toEqual({ action: 'accept', content: { ok: true } });
  });

  it('may be to the model, or for the roots', async () => {
    const sampling = session.sample({ messages: [], maxTokens: 1 });
    const asked = await stream.message(({ method }) => method === 'sampling/createMessage');
    const said = { role: 'assistant', model: 'm', content: { type: 'text', text: 'Yes' } };
    await client.answer(asked, said);
    expect(await sampling).toEqual(said);

    const listing = session.listRoots();
    await client.answer(await stream.message(({ method }) => method === 'roots/list'), { roots: [] });
    expect(await listing).toEqual([]);
  });

  it('waits while the client is away, and keeps its session meanwhile', async () => {
    const answer = session.elicit(question);
    const asked = await stream.message(isQuestion);
    stream.cut();
    await until(() => app.app.get(StreamableHttpTransport).stats().streams === 0);
    expect((await initialize(app.url)).status).toBe(503);
    expect((await client.answer(asked, { action: 'decline' })).status).toBe(202);
    expect(await answer).toEqual({ action: 'decline' });
    expect((await initialize(app.url)).status).toBe(200);
  });

  it('ends with its session, long before its time is over', async () => {
    const answer = session.elicit(question).catch((error: unknown) => error);
    await stream.message(isQuestion);
    await client.delete();
    expect(await answer).toBeInstanceOf(McpSessionUnavailableError);
  });

  it('ends when its time is over, and the client is told', async () => {
    const answer = session.elicit({ ...question, timeoutMs: 20 }).catch((error: unknown) => error);
    const { id } = await stream.message(isQuestion);
    expect(await answer).toMatchObject({ code: 'MCP_CLIENT_REQUEST_TIMEOUT' });
    const withdrawal = await stream.message(({ method }) => method === 'notifications/cancelled');
    expect(withdrawal.params).toEqual({ requestId: id });
  });

  it('is not asked of a client that cannot answer, nor of a session that is not there', async () => {
    await expect(session.elicit({ message: 'Pay', url: 'https://pay.example' })).rejects.toMatchObject({
      name: 'McpMissingCapabilityError',
    });
    const nobody = app.app.get(StreamableHttpTransport).session('nobody');
    for (const attempt of [
      nobody.elicit(question),
      nobody.listRoots(),
      nobody.notify('notifications/message'),
    ]) {
      await expect(attempt).rejects.toBeInstanceOf(McpSessionUnavailableError);
    }
    await nobody.close();
  });
});

it('has nowhere to go on a server without sessions', async () => {
  const app = await startSessions({ mcp: { sessionAdapter: undefined as never } });
  expect(() => app.app.get(StreamableHttpTransport).session('any')).toThrow(/sessionAdapter/);
  await app.close();
});
