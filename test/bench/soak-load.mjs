/** A mix of requests at a rate, or as fast as they are answered: a job as JSON on standard input. */
import { Agent, request as httpRequest } from 'node:http';
import { performance } from 'node:perf_hooks';
import { json, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { call, initialize, legacyHeaders, without } from './workloads/messages.mjs';

/** @type {{ url: string, headers: Record<string, string>[], seconds: number, rate?: number }} */
const job = await json(process.stdin);
const agent = new Agent({ keepAlive: true });
const CLIENTS = 32;
/** One in so many turns begins a session, has a stream in it and ends it; the others are calls of sessions that stay. */
const LIVES_EVERY = 50;

const started = performance.now();
const end = started + job.seconds * 1000;
let turn = 0;
let done = 0;
let problem;
await Promise.all(Array.from({ length: CLIENTS }, work));
console.log(JSON.stringify({ done, duration: (performance.now() - started) / 1000, problem }));
process.exit();

async function work() {
  while (performance.now() < end && !problem) {
    const mine = turn++;
    const early = job.rate === undefined ? 0 : started + (mine / job.rate) * 1000 - performance.now();
    if (early > 0) await delay(early);
    try {
      await (mine % LIVES_EVERY === 0 ? live() : echo(job.headers[mine % job.headers.length]));
    } catch (error) {
      problem ??= String(error);
    }
  }
}

async function echo(headers) {
  const { status, body } = await send('POST', headers, call('echo', { text: 'Hello' }));
  if (status !== 200 || !body.includes('"Hello"')) throw new Error(`echo: ${status} ${body}`);
}

async function live() {
  const begun = await send('POST', without(legacyHeaders(), 'mcp-protocol-version'), initialize);
  const headers = { ...legacyHeaders(), 'mcp-session-id': begun.session };
  const told = await send('POST', headers, call('progress', { steps: 10 }, { progressToken: 1 }));
  if (!told.body.includes('10 steps')) throw new Error(`progress: ${told.status} ${told.body}`);
  const ended = await send('DELETE', headers);
  if (ended.status !== 204) throw new Error(`DELETE: ${ended.status} ${ended.body}`);
}

async function send(method, headers, body) {
  const response = await new Promise((resolve, reject) => {
    const sent = httpRequest(job.url, { method, headers, agent }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
  const answer = await text(response);
  done += 1;
  return { status: response.statusCode, body: answer, session: response.headers['mcp-session-id'] };
}
