import { context, metrics, propagation, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';

/** The OpenTelemetry SDK of a process, with exporters that keep what they are given. */
export class Telemetry {
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #tracers = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#spans)] });
  readonly #meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: this.#metrics, exportIntervalMillis: 2 ** 31 - 1 }),
    ],
  });

  constructor() {
    this.#tracers.register();
    metrics.setGlobalMeterProvider(this.#meters);
  }

  /** Spans that have ended. */
  get spans(): readonly ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  span(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    if (found.length !== 1)
      throw new Error(
        `${found.length} spans are named ${name}: ${this.spans.map((span) => span.name).join(', ')}`,
      );
    return found[0]!;
  }

  /** The points of a metric: attributes and values. */
  async points(name: string) {
    this.#metrics.reset();
    await this.#meters.forceFlush();
    return this.#metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ attributes, value })));
  }

  reset(): void {
    this.#spans.reset();
  }

  async shutdown(): Promise<void> {
    await this.#tracers.shutdown();
    await this.#meters.shutdown();
    trace.disable();
    metrics.disable();
    context.disable();
    propagation.disable();
  }
}
