/** The load, in a process of its own: `node load.mjs <job as JSON>` prints what it did as JSON. */
import autocannon from 'autocannon';

/** @type {{ url: string, body: string, headers: Record<string, string>[], expected: string, seconds: number }} */
const job = JSON.parse(process.argv[2] ?? '');
let next = 0;

const result = await autocannon({
  url: job.url,
  method: 'POST',
  body: job.body,
  connections: job.headers.length,
  duration: job.seconds,
  sampleInt: 100,
  bailout: 1,
  expectBody: job.expected,
  setupClient: (client) => client.setHeaders(job.headers[next++ % job.headers.length]),
});

const { errors, mismatches, duration, statusCodeStats } = result;
console.log(
  JSON.stringify({ requests: result.requests.total, errors, mismatches, duration, statusCodeStats }),
);
