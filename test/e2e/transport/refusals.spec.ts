import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { legacy, modern, send, type HttpAnswer } from '../../support/http.js';
import { SETUPS, startTransport, type TransportApp } from './fixture.js';

const META = 'io.modelcontextprotocol/';

function expectRefusal(answer: HttpAnswer, status: number, code: number, id: unknown = null) {
  expect(answer.json).toEqual({ jsonrpc: '2.0', id, error: expect.objectContaining({ code }) });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
}

describe.each(SETUPS)('refusals on $title', ({ platform, nest, mount }) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, { mount }, { nest });
  });
  afterAll(() => app.close());

  it.each(['', '{', '{"jsonrpc":"2.0"', 'nonsense', '{"a":1}}', '\u0000', "{'a':1}", 'NaN'])(
    'answers 400 and -32700 to a body that is not JSON: %j',
    async (body) => expectRefusal(await app.post(body), 400, -32700),
  );

  it('answers 415 to a body that is compressed, or says so', async () => {
    for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip', 'x']) {
      const headers = { 'content-encoding': encoding };
      expectRefusal(await app.post('\u001f\u008b', headers), 415, -32600);
      expectRefusal(await app.post(legacy('ping'), headers), 415, -32600);
    }
    expect((await app.post(legacy('ping'), { 'content-encoding': 'Identity' })).status).toBe(200);
  });

  it.each([
    ['a scalar', 42],
    ['null', null],
    ['an empty object', {}],
    ['another version of JSON-RPC', { jsonrpc: '1.0', method: 'ping' }],
    ['a null id', { jsonrpc: '2.0', id: null, method: 'ping' }],
    ['a fractional id', { jsonrpc: '2.0', id: 1.5, method: 'ping' }],
    ['an id no number can hold', '{"jsonrpc":"2.0","id":1e400,"method":"ping"}'],
    ['an object for an id', { jsonrpc: '2.0', id: {}, method: 'ping' }],
    ['a response without an id', { jsonrpc: '2.0', result: {} }],
  ])('answers 400 and -32600 to %s', async (_, body) => expectRefusal(await app.post(body), 400, -32600));

  it.each([
    ['parameters by position', { params: [] }],
    ['parameters that are null', { params: null }],
    ['a method that is no string', { method: 1 }],
    ['a request that is a response too', { result: {} }],
  ])('answers 400 and -32600, with the id that can be read, to %s', async (_, fields) => {
    expectRefusal(await app.post({ ...legacy('ping', undefined, 'x'), ...fields }), 400, -32600, 'x');
  });

  it('answers a legacy response that nobody waits for with 400', async () => {
    expectRefusal(await app.post({ jsonrpc: '2.0', id: 1, result: {} }), 400, -32600);
  });

  it('answers a modern response with 400', async () => {
    const [, headers] = modern('ping');
    expectRefusal(await app.post({ jsonrpc: '2.0', id: 1, result: {} }, headers), 400, -32600);
  });

  it('answers an unknown method of a legacy request with 200 and -32601', async () => {
    for (const method of [
      'no/such',
      'server/discover',
      'subscriptions/listen',
      '',
      '__proto__',
      'constructor',
    ]) {
      expectRefusal(await app.post(legacy(method, {}, 'x')), 200, -32601, 'x');
    }
  });

  it('answers an unknown method of a modern request with 404 and -32601', async () => {
    for (const method of ['no/such', '__proto__', 'constructor', 'toString']) {
      expectRefusal(await app.post(...modern(method, {}, { id: 'x' })), 404, -32601, 'x');
    }
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])(
    'answers %s, which the modern era has not, with 404 and -32601',
    async (method) => expectRefusal(await app.post(...modern(method, {}, { id: 'x' })), 404, -32601, 'x'),
  );

  it.each([
    ['no _meta', undefined],
    ['a _meta that is no object', 1],
    ['no version', { [`${META}protocolVersion`]: undefined }],
    ['a version that is no string', { [`${META}protocolVersion`]: 1 }],
    ['no client capabilities', { [`${META}clientCapabilities`]: undefined }],
    ['client capabilities that are no object', { [`${META}clientCapabilities`]: [] }],
    ['a malformed client description', { [`${META}clientInfo`]: { name: 'x' } }],
    ['an unknown log level', { [`${META}logLevel`]: 'loud' }],
  ])('answers a modern request with %s with 400 and -32602', async (_, meta) => {
    const [body, headers] = modern('server/discover', {}, { id: 'x', meta: Object(meta) });
    const isWhole = typeof meta !== 'object';
    const changed = { ...body, params: { _meta: meta } };
    expectRefusal(await app.post(isWhole ? changed : body, headers), 400, -32602, 'x');
  });

  it('serves a modern client that does not describe itself', async () => {
    const [body, headers] = modern('server/discover', {}, { meta: { [`${META}clientInfo`]: undefined } });
    expect((await app.post(body, headers)).status).toBe(200);
  });

  it.each(['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'])(
    'answers %s with 405 and what is allowed',
    async (method) => {
      const answer = await send(app.url, { method });
      expectRefusal(answer, 405, -32600);
      expect(answer.headers.get('allow')).toBe('POST');
    },
  );

  it.each(['PUT', 'PATCH', 'DELETE'])(
    'refuses %s by the rules of this route, whatever its body',
    async (method) => {
      const put = (type: string, body: string) =>
        send(app.url, { method, headers: { 'content-type': type }, body });
      expectRefusal(await put('application/json', JSON.stringify('x'.repeat(2 * 1024 * 1024))), 405, -32600);
      for (const answer of [await put('application/json', '{'), await put('text/plain', 'hello')]) {
        expect([400, 405, 415]).toContain(answer.status);
        expect(answer.json).toEqual({ jsonrpc: '2.0', id: null, error: expect.anything() });
      }
    },
  );

  it('does not mind a type without a body', async () => {
    for (const method of ['GET', 'DELETE']) {
      for (const length of [{}, { 'content-length': '0' }]) {
        const headers = { 'content-type': 'application/json', ...length };
        expectRefusal(await send(app.url, { method, headers }), 405, -32600);
      }
    }
  });

  it('answers HEAD with 405 and no body', async () => {
    const answer = await send(app.url, { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([405, '']);
    expect(answer.headers.get('allow')).toBe('POST');
  });
});
