import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { context, SpanKind, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api';
import { McpError } from 'nestjs-mcp-adapters';
import { openTelemetry } from 'nestjs-mcp-adapters/otel';
import type { TestApp } from '../../support/app.js';
import { MATRIX, type EraName } from '../../support/ask.js';
import { modern, type HttpAnswer } from '../../support/http.js';
import { Telemetry } from '../../support/telemetry.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, type Script } from '../sessions/fixture.js';

const telemetry = new Telemetry();
const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const logger = { log() {}, warn() {}, error() {} };

let app: TestApp;

const tools: Record<string, Script> = {
  add: (_ctx, { a, b }) => {
    trace.getTracer('application').startSpan('adding').end();
    return String(a + b);
  },
  fails: () => {
    throw new Error('No luck');
  },
  refuses: () => {
    throw new McpError(4001, 'Not today');
  },
  asks: async (ctx) => JSON.stringify(await ctx.elicit({ message: 'Name?', schema: { type: 'object' } })),
};

/** Runs every HTTP request inside of a span, as the instrumentation of Node's http module does. */
function withHttpSpans(contexts: SpanContext[]) {
  return (_request: unknown, _response: unknown, next: () => void) => {
    const span = trace.getTracer('http').startSpan('POST');
    contexts.push(span.spanContext());
    context.with(trace.setSpan(context.active(), span), next);
    span.end();
  };
}

async function start(
  options: Parameters<typeof openTelemetry>[0] = {},
  more: Parameters<typeof startSessions>[0] = {},
) {
  app = await startSessions({
    ...more,
    tools,
    mcp: { instrumentation: openTelemetry(options), logger, ...more.mcp },
  });
  return app;
}

beforeAll(() => telemetry.reset());
afterEach(async () => {
  await app.close();
  telemetry.reset();
});
afterAll(() => telemetry.shutdown());

type Request = (
  method: string,
  params?: { readonly _meta?: object; readonly [name: string]: unknown },
) => Promise<HttpAnswer>;

/** How a client of an era makes a request. */
async function client(era: EraName): Promise<Request> {
  if (era === 'modern') {
    return (method, { _meta: meta = {}, ...params } = {}) => app.post(...modern(method, params, { meta }));
  }
  const session = await SessionClient.open(app);
  telemetry.reset();
  return (method, params) => session.request(method, params);
}

describe.each(MATRIX)('a request, on %s, %s,', (platform, era) => {
  it('is a span with the attributes of the convention, and the parent of what its handler does', async () => {
    await start({}, { platform });
    const request = await client(era);
    expect((await request('tools/call', { name: 'add', arguments: { a: 1, b: 2 } })).status).toBe(200);
    const span = telemetry.span('tools/call add');
    expect(span.kind).toBe(SpanKind.SERVER);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': era === 'modern' ? '2026-07-28' : '2025-11-25',
      'gen_ai.tool.name': 'add',
      'gen_ai.operation.name': 'execute_tool',
      'jsonrpc.request.id': expect.any(String),
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'network.protocol.version': '1.1',
      'client.address': '127.0.0.1',
      'client.port': expect.any(Number),
      ...(era === 'legacy' && { 'mcp.session.id': expect.any(String) }),
    });
    expect(telemetry.span('adding').parentSpanContext?.spanId).toBe(span.spanContext().spanId);
  });

  it('has the context of the client as its parent, and the HTTP request as a link', async () => {
    const http: SpanContext[] = [];
    await start({}, { platform, configure: (it) => void it.use(withHttpSpans(http)) });
    const request = await client(era);
    const _meta = { traceparent: PARENT, tracestate: 'a=b' };
    await request('tools/call', { name: 'add', arguments: {}, _meta });
    const span = telemetry.span('tools/call add');
    expect(span.spanContext().traceId).toBe(TRACE_ID);
    expect(span.parentSpanContext).toMatchObject({ spanId: '00f067aa0ba902b7', isRemote: true });
    expect(span.spanContext().traceState?.serialize()).toBe('a=b');
    expect(span.links.map(({ context: { spanId } }) => spanId)).toEqual([http.at(-1)?.spanId]);
  });

  it('has the HTTP request as its parent where the client sends no context', async () => {
    const http: SpanContext[] = [];
    await start({}, { platform, configure: (it) => void it.use(withHttpSpans(http)) });
    const request = await client(era);
    await request('tools/list', {});
    const span = telemetry.span('tools/list');
    expect(span.parentSpanContext?.spanId).toBe(http.at(-1)?.spanId);
    expect(span.links).toEqual([]);
  });

  it.each([[7], [{}], ['no such thing'], [PARENT.replace('00-', 'ff-')], [`${PARENT}${'0'.repeat(5000)}`]])(
    'takes a context that is none (%#) for no context',
    async (traceparent) => {
      await start({}, { platform });
      const request = await client(era);
      const _meta = { traceparent };
      const { status } = await request('tools/call', { name: 'add', arguments: {}, _meta });
      if (status === 200) expect(telemetry.span('tools/call add').parentSpanContext).toBeUndefined();
      else expect(status).toBe(400);
    },
  );

  it.each([
    ['fails', 'tool_error', undefined],
    ['refuses', '4001', '4001'],
    ['nobody', '-32602', '-32602'],
  ])('that ends in an error tells its kind: %s', async (name, type, code) => {
    await start({}, { platform });
    const request = await client(era);
    await request('tools/call', { name, arguments: {} });
    const span = telemetry.span(`tools/call ${name}`);
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'error.type': type });
    expect(span.attributes['rpc.response.status_code']).toBe(code);
    if (name === 'refuses') expect(span.status.message).toBe('Not today');
  });

  it('of a method that does not exist makes no name of its own', async () => {
    await start({}, { platform });
    const request = await client(era);
    await request('no/such/method', {});
    expect(telemetry.spans.map(({ name }) => name)).toEqual(['_OTHER']);
    expect(telemetry.spans[0]?.attributes).toMatchObject({ 'mcp.method.name': '_OTHER' });
  });

  it('carries arguments and results only when it is told to', async () => {
    await start({ recordContent: true }, { platform });
    const request = await client(era);
    await request('tools/call', { name: 'add', arguments: { a: 1, b: 2 } });
    const { attributes } = telemetry.span('tools/call add');
    expect(JSON.parse(String(attributes['gen_ai.tool.call.arguments']))).toEqual({ a: 1, b: 2 });
    expect(JSON.parse(String(attributes['gen_ai.tool.call.result']))).toMatchObject({
      content: [{ type: 'text', text: '3' }],
    });
  });
});

describe('the metrics of a server', () => {
  it('tell how long requests take, by tool and outcome', async () => {
    await start();
    const request = await client('modern');
    await request('tools/call', { name: 'add', arguments: { a: 1, b: 2 } });
    await request('tools/call', { name: 'fails', arguments: {} });
    await request('tools/call', { name: 'made-up', arguments: {} });
    const points = await telemetry.points('mcp.server.operation.duration');
    const own = points.filter(({ attributes }) => attributes['mcp.protocol.version'] === '2026-07-28');
    expect(own.map(({ attributes }) => attributes)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ 'gen_ai.tool.name': 'add', 'gen_ai.operation.name': 'execute_tool' }),
        expect.objectContaining({ 'gen_ai.tool.name': 'fails', 'error.type': 'tool_error' }),
        expect.objectContaining({ 'error.type': '-32602', 'rpc.response.status_code': '-32602' }),
      ]),
    );
    expect(own.some(({ attributes }) => attributes['gen_ai.tool.name'] === 'made-up')).toBe(false);
  });

  it('tell what is open', async () => {
    await start({}, { mcp: { name: 'counted', serverInfo: { name: 'a', version: '1' } } });
    await SessionClient.open(app);
    await SessionClient.open(app);
    const sessions = async () => {
      const points = await telemetry.points('mcp.server.session.count');
      return points.filter(({ attributes }) => attributes['mcp.server.name'] === 'counted');
    };
    expect(await sessions()).toEqual([{ attributes: { 'mcp.server.name': 'counted' }, value: 2 }]);
  });
});

describe('a question to the client of a session', () => {
  it('is a span inside of its call, whose context the question carries', async () => {
    await start();
    const session = await SessionClient.open(app, { capabilities: { elicitation: {} } });
    telemetry.reset();
    const call = session.begin('asks', {});
    const question = await call.message(({ method }) => method === 'elicitation/create');

    await session.answer(question, { action: 'decline' });
    await call.message(({ result }) => result);
    const span = telemetry.span('elicitation/create');
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.parentSpanContext?.spanId).toBe(telemetry.span('tools/call asks').spanContext().spanId);
    const { traceId, spanId } = span.spanContext();
    expect(question.params._meta).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
    const points = await telemetry.points('mcp.client.operation.duration');
    expect(points.map(({ attributes }) => attributes)).toEqual([{ 'mcp.method.name': 'elicitation/create' }]);
  });
});

it('an instrumentation that is none is refused at the start, by the name of the option', async () => {
  const wrong = startSessions({ mcp: { instrumentation: {} as never } });
  await expect(wrong).rejects.toThrow(/McpModule option instrumentation must be an McpInstrumentation/);
});
