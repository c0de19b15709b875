import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern, type HttpAnswer } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

const V1 = { 'mcp-protocol-version': '2025-03-26' };
const NOTIFICATION = { jsonrpc: '2.0', method: 'notifications/initialized' };

const echo = (id: string | number) => legacy('tools/call', { name: 'echo', arguments: { id } }, id);
const count = (id: string | number) =>
  legacy('tools/call', { name: 'count', _meta: { progressToken: id } }, id);

describe.each(PLATFORMS)('batches of 2025-03-26 on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform);
  });
  afterAll(() => app.close());

  function expectRefused(answer: HttpAnswer, code = -32600) {
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
  }

  it.each([V1, {}])('answers every request of a batch and no notification (%j)', async (headers) => {
    const batch = [echo('a'), NOTIFICATION, legacy('no/such', {}, 'b'), legacy('ping', {}, 0)];
    const { status, json } = await app.post(batch, headers);
    expect(status).toBe(200);
    expect(json).toHaveLength(3);
    expect(new Map(json.map((item: any) => [item.id, item.result ?? item.error.code]))).toEqual(
      new Map<unknown, unknown>([
        ['a', { content: [{ type: 'text', text: '{"id":"a"}' }] }],
        ['b', -32601],
        [0, {}],
      ]),
    );
  });

  it('answers a batch of one with an array', async () => {
    expect((await app.post([legacy('ping', {}, 1)], V1)).json).toEqual([
      { jsonrpc: '2.0', id: 1, result: {} },
    ]);
  });

  it('streams all answers once a request of the batch reports progress', async () => {
    const answer = await app.post([legacy('ping', {}, 'p'), echo('e'), count('c'), count('d')], V1);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const ids = answer.messages.filter(({ method }) => method === undefined).map(({ id }) => id);
    expect(ids.sort()).toEqual(['c', 'd', 'e', 'p']);
    for (const token of ['c', 'd']) {
      const progress = answer.messages.filter(({ params }) => params?.progressToken === token);
      expect(progress.map(({ params }) => params.progress)).toEqual([1, 2, 3]);
    }
  });

  it('streams answers that were ready before the stream was needed', async () => {
    const hold = legacy('tools/call', { name: 'hold', _meta: { progressToken: 1 } }, 'late');
    const answer = app.post([echo('early'), hold], V1);
    const { ctx, gate } = await app.tools.nextHeld();
    // While another request is served the first one of the batch has long been answered.
    await app.post(legacy('ping'));
    await ctx.progress(1);
    gate.open();
    const { messages } = await answer;
    expect(messages.map(({ method, id }) => method ?? id)).toEqual([
      'early',
      'notifications/progress',
      'late',
    ]);
  });

  it('accepts a batch of notifications with 202', async () => {
    const answer = await app.post([NOTIFICATION, NOTIFICATION], V1);
    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  it('accepts a batch of notifications and responses with 202', async () => {
    const answer = await app.post([NOTIFICATION, { jsonrpc: '2.0', id: 9, result: {} }], V1);
    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  it('takes 100 messages and no more', async () => {
    const pings = Array.from({ length: 101 }, (_, id) => legacy('ping', {}, id));
    expect((await app.post(pings.slice(1), V1)).json).toHaveLength(100);
    expectRefused(await app.post(pings, V1));
  });

  it('tells ids of different types apart', async () => {
    expect((await app.post([legacy('ping', {}, 1), legacy('ping', {}, '1')], V1)).json).toHaveLength(2);
  });

  it.each([
    ['an empty batch', []],
    ['initialize in a batch', [legacy('initialize', {}, 1), legacy('ping', {}, 2)]],
    ['a repeated id', [echo(1), echo(2), echo(1)]],
    ['something else in a batch', [echo(1), 1]],
    ['a batch in a batch', [[echo(1)]]],
  ])('refuses %s and runs nothing of it', async (_, batch) => {
    app.tools.calls.length = 0;
    expectRefused(await app.post(batch, V1));
    expect(app.tools.calls).toEqual([]);
  });

  it.each(['2025-06-18', '2025-11-25', '2026-07-28'])('refuses batches in %s', async (version) => {
    expectRefused(await app.post([legacy('ping', {}, 1)], { 'mcp-protocol-version': version }));
    expectRefused(await app.post([], { 'mcp-protocol-version': version }));
  });

  it.each([V1, {}])('refuses a batch with a message of 2026-07-28 (%j)', async (headers) => {
    const [request] = modern('tools/list');
    expectRefused(await app.post([legacy('ping', {}, 1), request], headers));
    const { _meta } = (request as { params: Record<string, object> }).params;
    expectRefused(await app.post([{ ...NOTIFICATION, params: { _meta } }], headers));
  });

  it.each([[{ toString: 1, valueOf: 1 }], [['2026-07-28']], [7], [null], [true]])(
    'takes a revision that is no text for none: %j',
    async (declared) => {
      const params = { _meta: { 'io.modelcontextprotocol/protocolVersion': declared } };
      const { status, json } = await app.post([legacy('ping', params, 1)], V1);
      expect({ status, json }).toEqual({ status: 200, json: [{ jsonrpc: '2.0', id: 1, result: {} }] });
    },
  );

  it('refuses a batch of an unknown version by its version', async () => {
    expectRefused(await app.post([legacy('ping', {}, 1)], { 'mcp-protocol-version': 'v999' }), -32022);
  });
});
