import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern, send } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions } from '../sessions/fixture.js';
import { startTransport, type TransportApp } from '../transport/fixture.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A call whose text is exactly these bytes. */
function callOf(text: Uint8Array): Buffer {
  const [before = '', after = ''] = JSON.stringify(
    legacy('tools/call', { name: 'echo', arguments: { text: '?' } }, 1),
  ).split('?');
  return Buffer.concat([Buffer.from(before), text, Buffer.from(after)]);
}

describe.each(PLATFORMS)('text on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform);
  });
  afterAll(() => app.close());

  it.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL', [0xc0, 0x80]],
    ['an overlong character of three bytes', [0xe0, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that begins nothing', [0xff]],
    ['a character that goes on without a beginning', [0x80]],
    ['a character that ends too early', [0xe8, 0xaa]],
    ['Latin-1', [0xe4]],
  ])('that is no UTF-8 is refused: %s', async (_, bytes) => {
    const body = callOf(Uint8Array.from(bytes));
    for (const sent of [body, Array.from(body, (byte) => Uint8Array.of(byte))]) {
      const answer = await send(app.url, { headers: JSON_TYPE, body: sent });
      expect(answer.status).toBe(400);
      expect(answer.json).toMatchObject({ id: null, error: { code: -32700 } });
    }
    expect(app.tools.calls).toEqual([]);
  });

  it('may be split anywhere between its bytes', async () => {
    const text = 'a\u00e4\u8a9e\u{1f600}\u0000\ufeff\uffff\u2028';
    const body = Buffer.from(JSON.stringify(legacy('tools/call', { name: 'echo', arguments: { text } }, 1)));
    for (let at = 1; at < body.length; at++) {
      const answer = await send(app.url, {
        headers: JSON_TYPE,
        body: [body.subarray(0, at), body.subarray(at)],
      });
      expect(answer.json.result.content[0].text).toBe(JSON.stringify({ text }));
    }
    app.tools.calls.length = 0;
  });

  it('may hold half a character, which comes back as it was', async () => {
    const answer = await app.post(callOf(Buffer.from('\\ud800 \\u0000')));
    expect(JSON.parse(answer.json.result.content[0].text)).toEqual({ text: '\ud800 \u0000' });
    expect(answer.text).toContain('ud800');
  });

  it.each(['\u0000', '\ufeff', '\u2028', '\ud800', 'a\r\nb: c', '\u{1f600}'])(
    'that names nothing is told apart from all that does: %j',
    async (name) => {
      const answer = await app.post(legacy('tools/call', { name, arguments: {} }, 1));
      expect(answer.json.error).toEqual({ code: -32602, message: `Unknown tool: ${name}` });
      const [body, headers] = modern('tools/call', { name, arguments: {} });
      const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`;
      const other = await app.post(body, { ...headers, 'mcp-name': encoded });
      // Half a character has no UTF-8, so that no header can name it.
      expect(other.json.error.code).toBe(name === '\ud800' ? -32020 : -32602);
    },
  );
});

describe('text of every script in a stream', () => {
  it('arrives as it was sent, line separators included', async () => {
    const said = ['\u2028', 'a\u2029b', '\u0085', 'a\r\nb\n\nc', ':', 'data: x\n\n', '\u0000', '\ud800'];
    const app = await startSessions({
      tools: {
        say: async (ctx) => {
          for (const [at, text] of said.entries()) await ctx.progress(at + 1, said.length, text);
          return said.join('');
        },
      },
    });
    const client = await SessionClient.open(app);
    const call = client.begin('say', {}, { progressToken: 1 });
    await call.closed;
    const messages = call.messages.map(({ params, result }) => params?.message ?? result.content[0].text);
    expect(messages).toEqual([...said, said.join('')]);
    await app.close();
  });
});
