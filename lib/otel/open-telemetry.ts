import { isNativeError } from 'node:util/types';
import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type TextMapGetter,
  type Tracer,
} from '@opentelemetry/api';
import type { Store } from '../adapters/store.js';
import {
  McpInstrumentation,
  type ObservedAnswer,
  type ObservedLoad,
  type ObservedQuestion,
  type ObservedRequest,
  type TraceCarrier,
} from '../telemetry/instrumentation.js';
import { answerError, failureType, type AnswerError } from './error-type.js';
import { Instruments } from './instruments.js';
import { peerAttributes, requestAttributes, targetOf } from './request-attributes.js';
import { ObservedStore } from './observed-store.js';

const SCOPE = 'nestjs-mcp-adapters';

/**
 * Options of `openTelemetry()`.
 *
 * @publicApi
 */
export interface OpenTelemetryOptions {
  /**
   * Set to record arguments and results of tool calls in spans, as `gen_ai.tool.call.arguments` and `.result`. They may be
   * sensitive. @default false
   */
  readonly recordContent?: boolean;
}

/**
 * Traces and metrics of a server, through the providers that are registered with `@opentelemetry/api`:
 *
 * ```ts
 * McpModule.forRoot({ instrumentation: openTelemetry() })
 * ```
 *
 * A span for each request (its parent is the context in the `_meta` of the request, its link the HTTP request), for each
 * question to a client, and for each operation of the store inside of one; the context is active in handlers. Histograms
 * of how long those take, and numbers of what is open. Without an SDK nothing is recorded.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
 * @publicApi
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): McpInstrumentation {
  return new OpenTelemetryInstrumentation(options);
}

class OpenTelemetryInstrumentation extends McpInstrumentation {
  readonly #tracer: Tracer = trace.getTracer(SCOPE);
  readonly #recordContent: boolean;
  #instruments: Instruments | undefined;

  constructor({ recordContent = false }: OpenTelemetryOptions) {
    super();
    this.#recordContent = recordContent;
  }

  override async answer<A extends ObservedAnswer>(
    request: ObservedRequest,
    answer: () => Promise<A>,
  ): Promise<A> {
    const started = performance.now();
    const { parent, links } = originOf(request.params?.['_meta']);
    const span = this.#tracer.startSpan(nameOf(request), { kind: SpanKind.SERVER, links }, parent);
    if (span.isRecording()) this.#describe(span, request);
    try {
      const answered = await context.with(trace.setSpan(parent, span), answer);
      const error = answerError(answered);
      if (span.isRecording()) this.#complete(span, request, answered, error);
      this.#metrics.recordRequest(request, error, started);
      return answered;
    } finally {
      span.end();
    }
  }

  override async ask(
    question: ObservedQuestion,
    ask: (carrier: TraceCarrier) => Promise<unknown>,
  ): Promise<unknown> {
    const started = performance.now();
    const attributes = {
      'mcp.method.name': question.method,
      ...(question.sessionId !== undefined && { 'mcp.session.id': question.sessionId }),
    };
    const span = this.#tracer.startSpan(question.method, { kind: SpanKind.CLIENT, attributes });
    const active = trace.setSpan(context.active(), span);
    let errorType: string | undefined;
    try {
      return await context.with(active, ask, undefined, carrierOf(active));
    } catch (error) {
      errorType = failureType(error);
      fail(span, errorType, error);
      throw error;
    } finally {
      this.#metrics.recordQuestion(question, errorType, started);
      span.end();
    }
  }

  override carrier(): TraceCarrier | undefined {
    const carrier = carrierOf(context.active());
    return carrier['traceparent'] === undefined ? undefined : carrier;
  }

  override link(carrier: TraceCarrier): void {
    const earlier = trace.getSpanContext(propagation.extract(emptyOf(context.active()), carrier, getter));
    if (earlier) trace.getActiveSpan()?.addLink({ context: earlier });
  }

  override store(store: Store): Store {
    return new ObservedStore(store, (operation, run) => this.#operate(operation, run));
  }

  override load(server: string, read: () => ObservedLoad): () => void {
    return this.#metrics.observe(server, read);
  }

  /** Runs an operation of a store; a span is made inside of another one only, as a store is busy without requests, too. */
  async #operate<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const span = trace.getActiveSpan()?.isRecording()
      ? this.#tracer.startSpan(`mcp.store ${operation}`, {
          kind: SpanKind.CLIENT,
          attributes: { 'mcp.store.operation.name': operation },
        })
      : undefined;
    let errorType: string | undefined;
    try {
      return await run();
    } catch (error) {
      errorType = failureType(error);
      if (span) fail(span, errorType, error);
      throw error;
    } finally {
      this.#metrics.recordOperation(operation, errorType, started);
      span?.end();
    }
  }

  #describe(span: Span, request: ObservedRequest): void {
    span.setAttributes(requestAttributes(request));
    span.setAttributes(peerAttributes(request));
    const given = request.params?.['arguments'];
    if (this.#recordContent && request.method === 'tools/call' && given !== undefined) {
      span.setAttribute('gen_ai.tool.call.arguments', JSON.stringify(given));
    }
  }

  #complete(
    span: Span,
    { method }: ObservedRequest,
    { text }: ObservedAnswer,
    error: AnswerError | undefined,
  ): void {
    if (error) {
      const attributes: Attributes = { 'error.type': error.type };
      if (error.code !== undefined) attributes['rpc.response.status_code'] = error.code;
      span.setAttributes(attributes);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(error.message && { message: error.message }) });
    } else if (this.#recordContent && method === 'tools/call') {
      const { result } = JSON.parse(text) as { readonly result: unknown };
      span.setAttribute('gen_ai.tool.call.result', JSON.stringify(result));
    }
  }

  /** Made when first needed: meters that were asked for before an SDK was registered never record. */
  get #metrics(): Instruments {
    return (this.#instruments ??= new Instruments(SCOPE));
  }
}

/** The client's context is the parent of a request; the ambient one, of HTTP, is linked to it. */
function originOf(meta: unknown): { readonly parent: Context; readonly links: Link[] } {
  const ambient = context.active();
  if (typeof meta !== 'object' || meta === null) return { parent: ambient, links: [] };
  const parent = propagation.extract(ambient, meta as Readonly<Record<string, unknown>>, getter);
  const outer = trace.getSpanContext(ambient);
  const isRemote = trace.getSpanContext(parent) !== outer;
  return { parent, links: isRemote && outer ? [{ context: outer }] : [] };
}

function nameOf(request: ObservedRequest): string {
  const target = targetOf(request);
  return target ? `${request.method} ${target.name}` : request.method;
}

function carrierOf(active: Context): TraceCarrier {
  const carrier: Record<string, string> = {};
  propagation.inject(active, carrier);
  return carrier;
}

/** The context without a span, so that one is found in it only if it was extracted. */
function emptyOf(active: Context): Context {
  return trace.deleteSpan(active);
}

function fail(span: Span, errorType: string, error: unknown): void {
  span.setAttribute('error.type', errorType);
  span.setStatus({
    code: SpanStatusCode.ERROR,
    ...(isNativeError(error) && { message: error.message }),
  });
}

/** Reads text only: what clients send may be anything. */
const getter: TextMapGetter<Readonly<Record<string, unknown>>> = {
  get: (carrier, key) => {
    const value = Object.hasOwn(carrier, key) ? carrier[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  },
  keys: (carrier) => Object.keys(carrier),
};
