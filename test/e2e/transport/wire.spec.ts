import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPoster, legacy, modern, type Poster } from '../../support/http.js';
import { takeViolations, watchWire } from '../../support/wire.js';

const TOOL = { name: 't', inputSchema: { type: 'object' } };
const ok = (result: object, id: unknown = 1) => ({ jsonrpc: '2.0', id, result });
const complete = { resultType: 'complete', _meta: {} };
const fresh = { ttlMs: 0, cacheScope: 'public' };

/** The check that every e2e test relies on: it must see what is wrong, and nothing else. */
describe('the wire check', () => {
  let server: Server;
  let post: Poster;
  let answer: { status?: number; sse?: unknown[]; json?: unknown };
  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        const { status = 200, sse, json } = answer;
        response.writeHead(status, { 'content-type': sse ? 'text/event-stream' : 'application/json' });
        for (const message of sse ?? []) response.write(`data: ${JSON.stringify(message)}\n\n`);
        response.end(json === undefined ? undefined : JSON.stringify(json));
      });
    });
    watchWire(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    post = createPoster(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterEach(() => {
    takeViolations();
    server.close();
  });

  const list = legacy('tools/list', {}, 1);
  const call = legacy('tools/call', { name: 't' }, 1);
  const progress = {
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: 1, progress: 1 },
  };

  it.each<[unknown, typeof answer]>([
    [list, { json: ok({ tools: [TOOL] }) }],
    [call, { json: ok({ content: [] }) }],
    [call, { sse: [progress, ok({ content: [] })] }],
    ['{', { status: 400, json: { jsonrpc: '2.0', id: null, error: { code: -32700, message: '' } } }],
    [[list, legacy('ping', {}, 2)], { json: [ok({}, 2), ok({ tools: [] })] }],
    [{}, { status: 401, json: { statusCode: 401 } }],
    [{ jsonrpc: '2.0', method: 'x' }, { status: 202 }],
  ])('lets %j be answered by %j', async (body, given) => {
    answer = given;
    await post(body);
    expect(takeViolations()).toEqual([]);
  });

  it.each<[unknown, typeof answer]>([
    [list, { json: ok({ tools: [{ name: 't' }] }) }],
    [list, { json: ok({ tools: [{ ...TOOL, timeoutMs: 1 }] }) }],
    [list, { json: ok({ tools: [{ ...TOOL, outputSchema: { type: 'array' } }] }) }],
    [list, { json: ok({ tools: [], ttlMs: 1 }) }],
    [list, { json: ok({ tools: [] }, 2) }],
    [list, { json: ok({ tools: [] }, '1') }],
    [call, { json: ok({}) }],
    [call, { json: ok({ content: [], structuredContent: [] }) }],
    [call, { json: ok({ content: [], resultType: 'complete' }) }],
    [call, { json: ok({ content: [{ type: 'text' }] }) }],
    [call, { sse: [{ ...progress, params: {} }, ok({ content: [] })] }],
    [call, { sse: [ok({ content: [] }), ok({ content: [] })] }],
    [call, { sse: [{ jsonrpc: '2.0', id: 7, method: 'tools/list' }, ok({ content: [] })] }],
    [[list, legacy('ping', {}, 2)], { json: [ok({ tools: [] })] }],
    [list, { status: 400, json: ok({ tools: [] }) }],
    [list, { status: 400, json: { jsonrpc: '2.0', id: 1, error: { code: -32022, message: '' } } }],
    [
      { jsonrpc: '2.0', method: 'x' },
      { status: 202, json: {} },
    ],
  ])('does not let %j be answered by %j', async (body, given) => {
    answer = given;
    await post(body);
    expect(takeViolations()).not.toEqual([]);
  });

  it.each<[string, object, boolean]>([
    ['tools/list', { ...complete, ...fresh, tools: [] }, true],
    ['tools/list', { ...fresh, tools: [] }, false],
    ['tools/list', { ...complete, tools: [] }, false],
    ['tools/list', { ...complete, ...fresh, cacheScope: 'none', tools: [] }, false],
    ['tools/call', { ...complete, content: [], structuredContent: [] }, true],
    ['tools/call', { resultType: 'input_required', requestState: 's' }, true],
    ['tools/call', { resultType: 'input_required' }, false],
    ['tools/list', { resultType: 'input_required', requestState: 's' }, false],
  ])('judges the modern answer to %s %j', async (method, result, isRight) => {
    answer = { json: ok(result) };
    await post(...modern(method, {}, { id: 1 }));
    expect(takeViolations().length === 0).toBe(isRight);
  });

  it('does not let a modern stream carry requests', async () => {
    answer = { sse: [{ jsonrpc: '2.0', id: 7, method: 'ping' }, ok({ ...complete, content: [] })] };
    await post(...modern('tools/call', { name: 't' }, { id: 1 }));
    expect(takeViolations().join()).toContain('sends no requests');
  });
});
