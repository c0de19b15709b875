import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { MemoryStore, MemoryStoreData, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { openTelemetry } from 'nestjs-mcp-adapters/otel';
import type { TestApp } from '../../support/app.js';
import { modern, type HttpAnswer } from '../../support/http.js';
import { Telemetry } from '../../support/telemetry.js';
import { startSessions, type Script } from '../sessions/fixture.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = (span: string) => `00-${TRACE_ID}-${span}-01`;

const telemetry = new Telemetry();
const apps: TestApp[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  telemetry.reset();
});
afterAll(() => telemetry.shutdown());

const book: Script = async (ctx) => {
  trace.getTracer('application').startSpan('before').end();
  const { action } = await ctx.elicit({ message: 'Book it?', schema: { type: 'object' } });
  trace.getTracer('application').startSpan('after').end();
  return action;
};

async function start(mcp: McpModuleOptions): Promise<TestApp> {
  const app = await startSessions({
    tools: { book },
    mcp: {
      sessionAdapter: undefined as never,
      clientRequestAdapter: undefined as never,
      instrumentation: openTelemetry(),
      ...mcp,
    },
  });
  apps.push(app);
  return app;
}

/** Calls the tool, as part of a trace of the client. */
function call({ post }: TestApp, span: string, more: object = {}): Promise<HttpAnswer> {
  const options = { capabilities: { elicitation: {} }, meta: { traceparent: traceparent(span) } };
  return post(...modern('tools/call', { name: 'book', arguments: {}, ...more }, options));
}

function retry({ json }: HttpAnswer): object {
  const { inputRequests, requestState } = json.result;
  const answers = Object.keys(inputRequests).map((key) => [key, { action: 'accept', content: {} }]);
  return { requestState, inputResponses: Object.fromEntries(answers) };
}

describe('a conversation of a modern client', () => {
  it('is one trace, from the client to the tool to the store, although it goes on at another instance', async () => {
    const data = new MemoryStoreData();
    const [one, other] = [
      await start({ store: new MemoryStore(data), requestStateSecret: 's'.repeat(32) }),
      await start({ store: new MemoryStore(data), requestStateSecret: 's'.repeat(32) }),
    ];
    const asked = await call(one, '1111111111111111');
    const { params } = Object.values<any>(asked.json.result.inputRequests)[0];
    const answered = await call(other, '2222222222222222', retry(asked));
    expect(answered.json.result.content[0].text).toBe('accept');

    const [first, second] = telemetry.spans.filter(({ name }) => name === 'tools/call book');
    expect([first, second].map((span) => span?.parentSpanContext?.spanId)).toEqual([
      '1111111111111111',
      '2222222222222222',
    ]);
    expect(second?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId]);
    for (const name of ['before', 'after']) {
      expect(telemetry.span(name).parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
    }
    const question = telemetry.span('elicitation/create');
    expect(question.kind).toBe(SpanKind.CLIENT);
    expect(params._meta).toEqual({ traceparent: traceparent(question.spanContext().spanId) });
    const operations = telemetry.spans.filter(({ name }) => name.startsWith('mcp.store '));
    expect(operations.length).toBeGreaterThan(0);
    for (const span of telemetry.spans) expect(span.spanContext().traceId).toBe(TRACE_ID);
  });

  it('that runs again from the top links the runs, and asks the same', async () => {
    const app = await start({});
    const asked = await call(app, '1111111111111111');
    const answered = await call(app, '2222222222222222', retry(asked));
    expect(answered.json.result.content[0].text).toBe('accept');
    const [first, second] = telemetry.spans.filter(({ name }) => name === 'tools/call book');
    expect(second?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId]);
  });
});

describe('operations of a store', () => {
  it('are counted with and without a request, and are spans only inside of one', async () => {
    const store = new MemoryStore();
    const observed = openTelemetry().store(store);
    const key = { scope: 'a', name: 'b', hasLog: false };
    await observed.write(key, { a: '1' }, { ttlMs: 60_000 });
    expect(telemetry.spans).toEqual([]);
    const span = trace.getTracer('application').startSpan('request');
    await context.with(trace.setSpan(context.active(), span), () => observed.read(key));
    span.end();
    expect(telemetry.span('mcp.store read').parentSpanContext?.spanId).toBe(span.spanContext().spanId);
    const points = await telemetry.points('mcp.server.store.operation.duration');
    const names = points.map(({ attributes }) => attributes['mcp.store.operation.name']);
    expect(names).toEqual(expect.arrayContaining(['read', 'write']));
  });

  it('that fail tell the kind of their failure, and fail as they did', async () => {
    class Away extends MemoryStore {
      override ping(): Promise<void> {
        return Promise.reject(Object.assign(new Error('gone'), { name: 'AdapterUnavailableError' }));
      }
    }
    await expect(openTelemetry().store(new Away()).ping()).rejects.toThrow('gone');
    const points = await telemetry.points('mcp.server.store.operation.duration');
    expect(points.map(({ attributes }) => attributes)).toContainEqual({
      'mcp.store.operation.name': 'ping',
      'error.type': 'unavailable',
    });
  });
});
