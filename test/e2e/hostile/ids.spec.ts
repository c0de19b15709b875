import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { modern } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { startTransport, type TransportApp } from '../transport/fixture.js';

const GOOD = ['0', '-1', '9007199254740991', '-9007199254740991', '1e3', '-0', '1.0'];
const GOOD_TEXTS = [
  '',
  '0',
  ' ',
  'null',
  '\u0000',
  '\r\nX: y',
  '\u2028',
  '\ud800',
  '__proto__',
  'x'.repeat(10_000),
];
const BAD = ['1.5', '9007199254740992', '9007199254740993', '-9007199254740993', '1e400', '1e100'];
const BAD_VALUES = ['null', 'true', '[]', '{}', '[1]', '{"id":1}'];

describe.each(PLATFORMS)('an id on %s', (platform) => {
  let app: TransportApp;
  let client: SessionClient;
  beforeAll(async () => {
    app = await startTransport(platform, { sessionAdapter: new InMemorySessionAdapter() });
    client = await SessionClient.open(app);
  });
  afterAll(() => app.close());

  const texts = GOOD_TEXTS.map((id) => JSON.stringify(id));

  it.each([...GOOD, ...texts])('comes back as it was, in both eras: %s', async (id) => {
    const call = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{}}}`;
    const [body, headers] = modern('tools/list', {}, { id: 'ID' });
    const answers = [
      await client.post(call),
      await app.post(
        JSON.stringify(body).replace('"ID"', () => id),
        headers,
      ),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.json.result).toBeDefined();
      expect(answer.json.id).toEqual(id === '-0' ? 0 : JSON.parse(id));
      expect(answer.headers.get('x')).toBeNull();
    }
  });

  it.each([...BAD, ...BAD_VALUES])('that is none is refused, in both eras: %s', async (id) => {
    const [body, headers] = modern('tools/list', {}, { id: 'ID' });
    const answers = [
      await client.post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`),
      await app.post(
        JSON.stringify(body).replace('"ID"', () => id),
        headers,
      ),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(answer.json).toMatchObject({ id: null, error: { code: -32600 } });
    }
  });

  it('tells 1 from "1" among the calls that run', async () => {
    const call = (id: unknown) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'hold', arguments: {} },
    });
    const number = client.post(call(1));
    const first = await app.tools.nextHeld();
    const text = client.post(call('1'));
    const second = await app.tools.nextHeld();
    expect((await client.notify('notifications/cancelled', { requestId: '1' })).status).toBe(202);
    expect((await text).status).toBe(202);
    expect([first.ctx.signal.aborted, second.ctx.signal.aborted]).toEqual([false, true]);
    first.gate.open();
    expect((await number).json).toMatchObject({ id: 1 });
  });
});
