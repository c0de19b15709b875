/**
 * Cost of following a call (`npm run bench:telemetry`): without an SDK, with one that samples nothing, and with one that
 * records everything. CPU time of the process per call, less that of a call that nothing follows; medians of pairs.
 */
import { metrics, trace } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { openTelemetry } from '../../dist/esm/otel/index.js';
import { median } from './report/median.mjs';

const CALLS = 200_000;
const ROUNDS = 7;

const answer = {
  text: '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"ok"}]}}',
  isError: false,
};
const request = {
  method: 'tools/call',
  id: 1,
  params: {
    name: 'echo',
    arguments: {},
    _meta: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  },
  protocolVersion: '2026-07-28',
  sessionId: undefined,
  transport: 'tcp',
  http: { httpVersion: '1.1', socket: { remoteAddress: '127.0.0.1', remotePort: 1 } },
};
const handler = () => Promise.resolve(answer);

async function microsecondsPerCall(run) {
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call += 1) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

async function measure(title) {
  const instrumentation = openTelemetry();
  const followed = () => instrumentation.answer(request, handler);
  await microsecondsPerCall(handler);
  await microsecondsPerCall(followed);
  const costs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const bare = await microsecondsPerCall(handler);
    costs.push((await microsecondsPerCall(followed)) - bare);
  }
  console.log(`${title.padEnd(24)} ${median(costs).toFixed(2)} µs a call`);
}

await measure('no SDK');

const off = new NodeTracerProvider({ sampler: new AlwaysOffSampler() });
off.register();
await measure('SDK, sampled off');
await off.shutdown();
trace.disable();

new NodeTracerProvider().register();
metrics.setGlobalMeterProvider(new MeterProvider());
await measure('SDK, traces and metrics');
