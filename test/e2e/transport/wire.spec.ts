import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPoster, legacy, modern, type Poster } from '../../support/http.js';
import { takeViolations, watchWire } from '../../support/wire.js';

const TOOL = { name: 't', inputSchema: { type: 'object' } };
const ok = (result: object, id: unknown = 1) => ({ jsonrpc: '2.0', id, result });
const failed = (code: number) => ({ jsonrpc: '2.0', id: 1, error: { code, message: '' } });
const told = (method: string, params: object) => ({
  jsonrpc: '2.0',
  method: `notifications/${method}`,
  params,
});
const serverInfo = { 'io.modelcontextprotocol/serverInfo': { name: 's', version: '1' } };
const complete = { resultType: 'complete', _meta: serverInfo };
const fresh = { ttlMs: 0, cacheScope: 'public' };

/** The check that every e2e test relies on: it must see what is wrong, and nothing else. */
describe('the wire check', () => {
  let server: Server;
  let post: Poster;
  let answer: { status?: number; sse?: unknown[]; json?: unknown; ids?: string[]; headers?: object };
  let url: string;
  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        const { status = 200, sse, json, ids = [], headers = {} } = answer;
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
        response.writeHead(status, { 'content-type': sse ? 'text/event-stream' : 'application/json' });
        for (const [index, message] of (sse ?? []).entries()) {
          if (ids[index] !== undefined) response.write(`id: ${ids[index]}\n`);
          response.write(`data: ${JSON.stringify(message)}\n\n`);
        }
        response.end(json === undefined ? undefined : JSON.stringify(json));
      });
    });
    watchWire(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    post = createPoster(url);
  });
  afterEach(() => {
    takeViolations();
    server.close();
  });

  const list = legacy('tools/list', {}, 1);
  const call = legacy('tools/call', { name: 't' }, 1);
  const reporting = legacy('tools/call', { name: 't', _meta: { progressToken: 1 } }, 1);
  const progress = told('progress', { progressToken: 1, progress: 1 });
  const done = ok({ content: [] });

  it.each<[unknown, typeof answer]>([
    [list, { json: ok({ tools: [TOOL] }) }],
    [call, { json: ok({ content: [] }) }],
    [reporting, { sse: [progress, done] }],
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
    [call, { json: ok({ content: [{ type: 'image', mimeType: 'image/png', data: 'not base64!' }] }) }],
    [call, { json: ok({ content: [], _meta: { 'no key/at all': 1 } }) }],
    [reporting, { sse: [{ ...progress, params: {} }, done] }],
    [reporting, { sse: [progress, progress, done] }],
    [reporting, { sse: [done, progress] }],
    [call, { sse: [progress, done] }],
    [call, { sse: [done, done] }],
    [call, { sse: [{ jsonrpc: '2.0', id: 7, method: 'tools/list' }, done] }],
    [call, { sse: [told('subscriptions/acknowledged', { notifications: {} }), done] }],
    [call, { json: failed(-32001) }],
    [call, { json: failed(-32023) }],
    [legacy('resources/list', {}, 1), { json: ok({ resources: [{ uri: 'docs://ü', name: 'u' }] }) }],
    [legacy('resources/templates/list', {}, 1), { json: ok({ resourceTemplates: [{ name: 't' }] }) }],
    [legacy('tools/call', {}, 1), { json: done }],
    [legacy('tools/call', { name: 't', arguments: [] }, 1), { json: done }],
    [legacy('tools/call', { name: 't', _meta: { progressToken: true } }, 1), { json: done }],
    [legacy('no/such', {}, 1), { json: ok({}) }],
    [{ ...ok({}), extra: 1 }, { status: 202 }],
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
    ['tools/list', { ...fresh, tools: [], _meta: serverInfo }, false],
    ['tools/list', { ...complete, ...fresh, tools: [], _meta: {} }, false],
    ['tools/list', { ...complete, tools: [] }, false],
    ['tools/list', { ...complete, ...fresh, cacheScope: 'none', tools: [] }, false],
    ['tools/call', { ...complete, content: [], structuredContent: [] }, true],
    ['tools/call', { ...complete, resultType: 'input_required', requestState: 's' }, true],
    ['tools/call', { ...complete, resultType: 'input_required' }, false],
    ['tools/call', { ...complete, ...fresh, resultType: 'input_required', requestState: 's' }, false],
    ['tools/list', { ...complete, resultType: 'input_required', requestState: 's' }, false],
  ])('judges the modern answer to %s %j', async (method, result, isRight) => {
    answer = { json: ok(result) };
    await post(...modern(method, { name: 't' }, { id: 1 }));
    expect(takeViolations().length === 0).toBe(isRight);
  });

  it('does not let a modern stream carry requests', async () => {
    answer = { sse: [{ jsonrpc: '2.0', id: 7, method: 'ping' }, ok({ ...complete, content: [] })] };
    await post(...modern('tools/call', { name: 't' }, { id: 1 }));
    expect(takeViolations().join()).toContain('sends no requests');
  });

  it.each<[unknown, object, string]>([
    [told('message', { level: 'info', data: 1 }), { 'io.modelcontextprotocol/logLevel': 'info' }, ''],
    [told('message', { level: 'info', data: 1 }), {}, 'nobody asked for messages'],
    [
      told('message', { level: 'info', data: 1 }),
      { 'io.modelcontextprotocol/logLevel': 'error' },
      'nobody asked for messages',
    ],
    [told('tools/list_changed', {}), {}, 'has no place'],
    [told('cancelled', { requestId: 1 }), {}, 'sends no notifications/cancelled'],
    [failed(-32002), {}, 'not for servers of this revision'],
  ])('judges %j on a modern stream, for a request with %j', async (message, meta, problem) => {
    answer = {
      sse: 'error' in (message as object) ? [message] : [message, ok({ ...complete, content: [] })],
    };
    await post(...modern('tools/call', { name: 't' }, { id: 1, meta }));
    const found = takeViolations();
    expect(problem === '' ? found : found.join()).toEqual(
      problem === '' ? [] : expect.stringContaining(problem),
    );
  });

  const tagged = { _meta: { 'io.modelcontextprotocol/subscriptionId': 1 } };
  const acknowledged = told('subscriptions/acknowledged', { ...tagged, notifications: {} });
  it.each([
    ['', [acknowledged, told('tools/list_changed', tagged)]],
    ['', [acknowledged, told('resources/updated', { ...tagged, uri: 'a:b' })]],
    ['not acknowledged yet', [told('tools/list_changed', tagged), acknowledged]],
    ['acknowledged twice', [acknowledged, acknowledged]],
    ['nobody asked', [acknowledged, told('prompts/list_changed', tagged)]],
    ['nobody asked', [acknowledged, told('resources/updated', { ...tagged, uri: 'a:c' })]],
    ['not this one', [acknowledged, told('tools/list_changed', {})]],
  ])('judges what a subscription tells: %j', async (problem, sse) => {
    answer = { sse };
    const notifications = { toolsListChanged: true, resourceSubscriptions: ['a:b'] };
    await post(...modern('subscriptions/listen', { notifications }, { id: 1 }));
    expect(takeViolations().join()).toEqual(problem === '' ? '' : expect.stringContaining(problem));
  });

  it.each<[string, object]>([
    ['no protocolVersion', { 'io.modelcontextprotocol/protocolVersion': undefined }],
    ['clientCapabilities', { 'io.modelcontextprotocol/clientCapabilities': undefined }],
    ['clientInfo', { 'io.modelcontextprotocol/clientInfo': { name: 1 } }],
  ])('does not let a modern request without be taken: %s', async (problem, meta) => {
    answer = { json: ok({ ...complete, content: [] }) };
    await post(...modern('tools/call', { name: 't' }, { id: 1, meta }));
    expect(takeViolations().join()).toContain(problem);
  });

  it('judges the answers of a modern client by what was asked for', async () => {
    const inputRequests = { roots: { method: 'roots/list' } };
    const asked = { ...complete, resultType: 'input_required', requestState: 'asked', inputRequests };
    const capabilities = { roots: {} };
    answer = { json: ok(asked) };
    await post(...modern('tools/call', { name: 't' }, { id: 1 }));
    expect(takeViolations().join()).toContain('did not declare to answer roots/list');
    await post(...modern('tools/call', { name: 't' }, { id: 1, capabilities }));
    expect(takeViolations()).toEqual([]);

    answer = { json: ok({ ...complete, content: [] }) };
    const retry = (roots: unknown) => ({
      name: 't',
      requestState: 'asked',
      inputResponses: { roots: { roots }, other: 1 },
    });
    await post(...modern('tools/call', retry([]), { id: 1, capabilities }));
    expect(takeViolations()).toEqual([]);
    await post(...modern('tools/call', retry('none'), { id: 1, capabilities }));
    expect(takeViolations().join()).toContain('answer to roots/list');
  });

  describe('in a session', () => {
    const initialize = legacy(
      'initialize',
      { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo: { name: 'c', version: '1' } },
      1,
    );
    const initialized = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      serverInfo: { name: 's', version: '1' },
    };
    const begin = async (session: string) => {
      answer = { json: ok(initialized), headers: { 'mcp-session-id': session } };
      await post(initialize);
      return { 'mcp-session-id': session };
    };
    const listen = async (headers: Record<string, string>, sse: unknown[], ids: string[] = []) => {
      answer = { sse, ids };
      await (await fetch(url, { headers })).text();
      return takeViolations().join();
    };
    const question = (id: number, method: string, params = {}) => ({ jsonrpc: '2.0', id, method, params });
    const form = { message: '?', requestedSchema: { type: 'object', properties: {} } };

    it('takes visible ASCII only for an id', async () => {
      await begin('good-1');
      expect(takeViolations()).toEqual([]);
      await begin('not good');
      expect(takeViolations().join()).toContain('visible ASCII');
    });

    it('lets the server ask what the client declared, each time under another id', async () => {
      const session = await begin('asking');
      expect(await listen(session, [question(1, 'roots/list')])).toBe('');
      expect(await listen(session, [question(1, 'roots/list')])).toBe('');
      expect(await listen(session, [question(1, 'ping')])).toContain('the id of another request');
      expect(await listen(session, [question(2, 'elicitation/create', form)])).toContain('did not declare');
    });

    it('lets the server cancel what it has asked', async () => {
      const session = await begin('cancelling');
      await listen(session, [question(1, 'roots/list')]);
      expect(await listen(session, [told('cancelled', { requestId: 1 })])).toBe('');
      expect(await listen(session, [told('cancelled', { requestId: 2 })])).toContain('never asked');
    });

    it('judges answers by what was asked', async () => {
      const session = await begin('answering');
      await listen(session, [question(1, 'roots/list')]);
      answer = { status: 202 };
      await post(ok({ roots: [] }), session);
      expect(takeViolations()).toEqual([]);
      await post(ok({ roots: 'none' }), session);
      expect(takeViolations().join()).toContain('answer to roots/list');
    });

    it('lets a response come on the stream of its request, or on one that resumes it', async () => {
      const session = await begin('resuming');
      expect(await listen(session, [done])).toContain('resumes nothing');
      expect(await listen({ ...session, 'last-event-id': '1' }, [done])).toBe('');
    });

    it('lets an event id stand for one event', async () => {
      const session = await begin('events');
      expect(await listen(session, [question(1, 'ping'), question(2, 'ping')], ['1', '2'])).toBe('');
      expect(await listen(session, [question(2, 'ping')], ['2'])).toBe('');
      expect(await listen(session, [question(3, 'ping')], ['2'])).toContain('event id of another event');
    });
  });
});
