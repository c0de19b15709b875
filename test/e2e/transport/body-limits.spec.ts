import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { legacy, send, type HttpAnswer } from '../../support/http.js';
import { SETUPS, startTransport, type TransportApp } from './fixture.js';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

function expectTooLarge(answer: HttpAnswer) {
  expect(answer.status).toBe(413);
  expect(answer.json).toEqual({ jsonrpc: '2.0', id: null, error: expect.objectContaining({ code: -32600 }) });
  expect(answer.headers.get('connection')).toBe('close');
}

/** An echo call whose body has exactly this many bytes. */
function callOf(bytes: number): string {
  const empty = JSON.stringify(legacy('tools/call', { name: 'echo', arguments: { text: '' } }, 1));
  return empty.replace('"text":""', `"text":"${'x'.repeat(bytes - empty.length)}"`);
}

describe.each(SETUPS)('body limits on $title', ({ platform, nest, mount }) => {
  let app: TransportApp;
  let small: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, { mount }, { nest });
    small = await startTransport(platform, { mount, limits: { bodyBytes: 1000 } }, { nest });
  });
  afterAll(() => Promise.all([app.close(), small.close()]));

  it('takes 4 MiB by default', async () => {
    const answer = await app.post(callOf(4 * MIB));
    expect(answer.status).toBe(200);
    expect(answer.json.result.isError).toBeUndefined();
  });

  it('refuses a byte more, announced or not', async () => {
    expectTooLarge(await send(app.url, { headers: JSON_TYPE, body: callOf(4 * MIB + 1) }));
    expectTooLarge(await send(app.url, { headers: JSON_TYPE, body: [callOf(4 * MIB + 1)] }));
  });

  it('takes exactly as much as it is set to, announced or not', async () => {
    for (const body of [
      callOf(1000),
      [callOf(1000)],
      [callOf(1000).slice(0, 500), callOf(1000).slice(500)],
    ]) {
      expect((await send(small.url, { headers: JSON_TYPE, body })).status).toBe(200);
    }
    for (const body of [
      callOf(1001),
      [callOf(1001)],
      [callOf(1001).slice(0, 1000), callOf(1001).slice(1000)],
    ]) {
      expectTooLarge(await send(small.url, { headers: JSON_TYPE, body }));
    }
  });

  it('answers a client that sends far more than it may', async () => {
    const chunks = Array.from({ length: 12 }, () => 'x'.repeat(MIB));
    expectTooLarge(await send(app.url, { headers: JSON_TYPE, body: chunks }));
    expectTooLarge(await send(app.url, { headers: JSON_TYPE, body: 'x'.repeat(12 * MIB) }));
  });

  it('counts bytes, not characters', async () => {
    const body = JSON.stringify(
      legacy('tools/call', { name: 'echo', arguments: { text: '語'.repeat(400) } }),
    );
    expect(body.length).toBeLessThan(1000);
    expectTooLarge(await send(small.url, { headers: JSON_TYPE, body }));
  });

  it.each([
    'text/plain',
    'application/json-rpc',
    'application/jsonx',
    'application/vnd.api+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    'nonsense',
    '',
  ])('answers 415 to a body of the type %j', async (type) => {
    const answer = await send(app.url, {
      headers: { 'content-type': type },
      body: JSON.stringify(legacy('ping')),
    });
    expect(answer.status).toBe(415);
    expect(answer.json).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: expect.objectContaining({ code: -32600 }),
    });
  });

  it('answers 415 to a body without a type, and to a request without a body', async () => {
    expect((await send(app.url, { body: JSON.stringify(legacy('ping')) })).status).toBe(415);
    expect((await send(app.url, {})).json.error.code).toBe(-32600);
  });

  it.each([
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json; profile=x',
  ])('takes a body of the type %s', async (type) => {
    const answer = await send(app.url, {
      headers: { 'content-type': type },
      body: JSON.stringify(legacy('ping')),
    });
    expect(answer.status).toBe(200);
  });

  it('reads a body that comes in pieces and has a byte order mark', async () => {
    const bytes = Buffer.from(
      `\ufeff${JSON.stringify(legacy('tools/call', { name: 'echo', arguments: { text: 'ä語😀' } }))}`,
    );
    const body = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const answer = await send(app.url, { headers: JSON_TYPE, body });
    expect(answer.json.result.content[0].text).toBe('{"text":"ä語😀"}');
  });

  it('still serves after all that', async () => {
    expect((await app.post(legacy('ping', undefined, 1))).json.result).toEqual({});
  });
});
