import {
  metrics,
  ValueType,
  type Attributes,
  type BatchObservableCallback,
  type Histogram,
  type Meter,
  type Observable,
} from '@opentelemetry/api';
import type { ObservedLoad, ObservedQuestion, ObservedRequest } from '../telemetry/instrumentation.js';
import type { AnswerError } from './error-type.js';
import { targetOf } from './request-attributes.js';

/** Bounds that the convention wants for durations of operations, in seconds. */
const OPERATION_BOUNDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const STORE_BOUNDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Numbers of what is open, by the name of the figure they are read from. */
const LOADS: Readonly<Record<string, { readonly name: string; readonly description: string }>> = {
  sessions: { name: 'mcp.server.session.count', description: 'Sessions served lately at this instance' },
  streams: { name: 'mcp.server.stream.count', description: 'Responses that are streams' },
  requests: { name: 'mcp.server.active_requests', description: 'Requests that are not answered yet' },
  parkedCalls: {
    name: 'mcp.server.parked_call.count',
    description: 'Calls that wait for the next request of their client',
  },
  pendingQuestions: { name: 'mcp.server.question.count', description: 'Questions that are not answered yet' },
  subscriptions: { name: 'mcp.server.subscription.count', description: 'Open subscriptions' },
};

/** The histograms and counters of a server. */
export class Instruments {
  readonly #meter: Meter;
  readonly #requests: Histogram;
  readonly #questions: Histogram;
  readonly #operations: Histogram;

  constructor(scope: string) {
    this.#meter = metrics.getMeter(scope);
    this.#requests = this.#duration(
      'mcp.server.operation.duration',
      'Time a request took from arrival to answer',
      OPERATION_BOUNDS,
    );
    this.#questions = this.#duration(
      'mcp.client.operation.duration',
      'Time a question to a client took from being asked to its answer',
      OPERATION_BOUNDS,
    );
    this.#operations = this.#duration(
      'mcp.server.store.operation.duration',
      'Time an operation of the store took',
      STORE_BOUNDS,
    );
  }

  recordRequest(request: ObservedRequest, error: AnswerError | undefined, started: number): void {
    // Clients can make up names without end: only those that exist name a series.
    const target = error?.code === '-32602' ? undefined : targetOf(request);
    this.#requests.record(secondsSince(started), {
      'mcp.method.name': request.method,
      'mcp.protocol.version': request.protocolVersion,
      'network.transport': request.transport,
      ...(target && { [target.attribute]: target.name }),
      ...(request.method === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
      ...(error && { 'error.type': error.type }),
      ...(error?.code !== undefined && { 'rpc.response.status_code': error.code }),
    });
  }

  recordQuestion(question: ObservedQuestion, errorType: string | undefined, started: number): void {
    this.#questions.record(secondsSince(started), {
      'mcp.method.name': question.method,
      ...withError(errorType),
    });
  }

  recordOperation(operation: string, errorType: string | undefined, started: number): void {
    this.#operations.record(secondsSince(started), {
      'mcp.store.operation.name': operation,
      ...withError(errorType),
    });
  }

  observe(server: string, read: () => ObservedLoad): () => void {
    const counters = new Map<string, Observable>();
    for (const [figure, { name, description }] of Object.entries(LOADS)) {
      counters.set(figure, this.#meter.createObservableUpDownCounter(name, { description }));
    }
    const callback: BatchObservableCallback = (result) => {
      for (const [figure, value] of Object.entries(read())) {
        const counter = counters.get(figure);
        if (counter) result.observe(counter, value, { 'mcp.server.name': server });
      }
    };
    const observables = [...counters.values()];
    this.#meter.addBatchObservableCallback(callback, observables);
    return () => this.#meter.removeBatchObservableCallback(callback, observables);
  }

  #duration(name: string, description: string, bounds: readonly number[]): Histogram {
    return this.#meter.createHistogram(name, {
      description,
      unit: 's',
      valueType: ValueType.DOUBLE,
      advice: { explicitBucketBoundaries: [...bounds] },
    });
  }
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

function withError(errorType: string | undefined): Attributes {
  return errorType === undefined ? {} : { 'error.type': errorType };
}
