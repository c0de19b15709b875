/** One request over and over, on as many connections as there are sets of headers: a job as JSON on standard input. */
import autocannon from 'autocannon';
import { json } from 'node:stream/consumers';

/**
 * @type {{ url: string, method: string, body?: string, headers: Record<string, string>[], expected: string,
 *   seconds: number, amount?: number, isSimilar?: boolean }}
 */
const job = await json(process.stdin);
let next = 0;

/** Events of each client have ids of their own, and of their own length. */
const withoutIds = (text) => text.replaceAll(/^id: .*$/gm, 'id:');
const expected = job.isSimilar ? withoutIds(job.expected) : job.expected;
const isExpected = job.isSimilar ? (body) => withoutIds(body) === expected : (body) => body === expected;

const { errors, mismatches, duration, statusCodeStats, requests } = await autocannon({
  url: job.url,
  method: job.method,
  body: job.body,
  connections: job.headers.length,
  ...(job.amount ? { amount: job.amount } : { duration: job.seconds }),
  sampleInt: 100,
  bailout: 1,
  timeout: 20,
  verifyBody: (body) => isExpected(String(body)),
  setupClient: (client) => client.setHeaders(job.headers[next++ % job.headers.length]),
});

const statuses = Object.keys(statusCodeStats).join();
const isClean = errors === 0 && mismatches === 0 && statuses === '200';
const problem = isClean ? undefined : `status ${statuses}, ${errors} errors, ${mismatches} wrong answers`;
console.log(JSON.stringify({ done: requests.total, duration, problem }));
