/** Conversations over and over, one at a time per client: a job as JSON on standard input. */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { json } from 'node:stream/consumers';
import { messagesOf } from './workloads/messages.mjs';
import { askLegacy, askModern, sayTen } from './workloads/talks.mjs';

/** @type {{ url: string, kind: 'pushed' | 'returned' | 'said', headers: Record<string, string>[], seconds?: number, amount?: number }} */
const job = await json(process.stdin);
const agent = new Agent({ keepAlive: true });
const answer = { action: 'accept', content: { ok: true } };

const talk = { pushed, returned, said }[job.kind];
const isGood = job.kind === 'said' ? isWhole : (text) => /"?action\\?"?:\s*\\?"accept/.test(text);
const started = performance.now();
const isOver = () =>
  job.amount === undefined ? performance.now() - started > job.seconds * 1000 : done >= job.amount;

let done = 0;
let problem;
await Promise.all(
  job.headers.map(async (headers) => {
    do {
      const text = await talk(headers, done).catch((error) => String(error));
      if (!isGood(text)) problem ??= text;
      done += 1;
    } while (!isOver() && !problem);
  }),
);
console.log(JSON.stringify({ done, duration: (performance.now() - started) / 1000, problem }));
process.exit();

/** The question comes on the stream of the call; the answer goes with a request of its own. */
async function pushed(headers, id) {
  const stream = await post(headers, askLegacy(id + 1));
  let text = '';
  let isAnswered = false;
  for await (const chunk of stream) {
    text += chunk;
    const question = isAnswered
      ? undefined
      : /"method":"elicitation\/create"[^\n]*\n/.test(text) && messagesOf(text).at(-1);
    if (!question) continue;
    isAnswered = true;
    const taken = await post(headers, JSON.stringify({ jsonrpc: '2.0', id: question.id, result: answer }));
    taken.resume();
    if (taken.statusCode !== 202) throw new Error(`the answer: ${taken.statusCode}`);
  }
  return text;
}

/** The question is the result of the call, which is sent again with the answer. */
async function returned(headers) {
  const { result } = JSON.parse(await textOf(await post(headers, askModern({}))));
  if (result?.resultType !== 'input_required') throw new Error(JSON.stringify(result));
  const [key] = Object.keys(result.inputRequests);
  const { requestState } = result;
  return textOf(await post(headers, askModern({ inputResponses: { [key]: answer }, requestState })));
}

/** A tool that does not wait for what it says. */
async function said(headers, id) {
  return textOf(await post(headers, sayTen(id + 1)));
}

function isWhole(text) {
  const messages = messagesOf(text);
  return messages.length === 11 && messages[9].params?.progress === 10 && 'result' in messages[10];
}

function post(headers, body) {
  return new Promise((resolve, reject) => {
    const sent = request(job.url, { method: 'POST', headers, agent }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
