import { describe, expect, it, beforeAll, afterAll } from '@jest/globals';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy, send } from '../../support/http.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { startSessions } from './fixture.js';

const NOT_FOUND = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Session not found' } };
const REQUIRED = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Mcp-Session-Id is required' } };
const VERBS = ['POST', 'GET', 'DELETE'] as const;

describe.each(PLATFORMS)('admission to a session on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startSessions({ platform });
  });
  afterAll(() => app.close());

  function ask(verb: (typeof VERBS)[number], headers: readonly string[]) {
    return send(app.url, {
      method: verb,
      headers: [
        ...['host', new URL(app.url).host, 'content-type', 'application/json', 'accept', '*/*'],
        ...headers,
      ],
      ...(verb === 'POST' && { body: JSON.stringify(legacy('ping', {}, 'x')) }),
    });
  }

  /** A POST is told the id of its request. */
  const answered = (verb: (typeof VERBS)[number], error: object) => ({
    ...error,
    id: verb === 'POST' ? 'x' : null,
  });

  it('gives every session an id of its own that is visible ASCII and long enough not to be guessed', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => SessionClient.open(app)));
    const ids = clients.map(({ id }) => id);
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{32,}$/);
  });

  it('gives no id with an initialize that fails', async () => {
    const answer = await app.post(legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {} }));
    expect(answer.json.error.code).toBe(-32602);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
  });

  it('names the id in the answer to initialize only', async () => {
    const client = await SessionClient.open(app);
    expect((await client.request('ping')).headers.get('mcp-session-id')).toBeNull();
  });

  describe.each(VERBS)('by %s', (verb) => {
    it('asks for the id where there is none', async () => {
      const answer = await ask(verb, []);
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual(answered(verb, REQUIRED));
    });

    it.each([
      ['unknown', 'nobody-knows-this-session'],
      ['empty', ''],
      ['a list', 'one, two'],
      ['very long', 'x'.repeat(8000)],
      ['not ASCII', 'sch\u00f6n'],
      ['named like a field of every object', '__proto__'],
    ])('answers 404 for an id that is %s', async (_kind, id) => {
      const answer = await ask(verb, ['mcp-session-id', id]);
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual(answered(verb, NOT_FOUND));
    });

    it('answers 404 for what is kept beside a session', async () => {
      const { id } = await SessionClient.open(app);
      for (const suffix of ['~state', '~alive', '#', '/../x']) {
        expect((await ask(verb, ['mcp-session-id', id + suffix])).status).toBe(404);
      }
    });

    it('answers 404 for an id that is sent twice', async () => {
      const { id } = await SessionClient.open(app);
      expect((await ask(verb, ['mcp-session-id', id, 'mcp-session-id', id])).status).toBe(404);
    });

    it('answers 404 once the session is deleted', async () => {
      const client = await SessionClient.open(app);
      expect((await client.delete()).status).toBe(204);
      const answer = await ask(verb, ['mcp-session-id', client.id]);
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual(answered(verb, NOT_FOUND));
    });
  });

  it('lets an id with a control character not even in', async () => {
    const { id } = await SessionClient.open(app);
    const raw = new SessionClient(app.url, id, {}).raw({
      method: 'GET',
      headers: { 'mcp-session-id': `${id}\u0001`, accept: 'text/event-stream' },
    });
    expect(await raw.answered()).toBe(400);
    raw.cut();
  });

  it('begins another session for an initialize that names one', async () => {
    const client = await SessionClient.open(app);
    const again = await initialize(app.url, { headers: { 'mcp-session-id': client.id } });
    expect(again.headers.get('mcp-session-id')).not.toBe(client.id);
    expect((await client.request('ping')).status).toBe(200);
  });

  it('answers other verbs with those that exist', async () => {
    const { headers } = await SessionClient.open(app);
    const answer = await send(app.url, { method: 'PUT', headers: { ...headers } });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST, DELETE');
  });
});
