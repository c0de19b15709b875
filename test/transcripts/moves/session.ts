import { type ProgramClient } from '../client.js';
import type { Moves } from '../moves.js';
import type { Live } from '../recorder.js';
import { answerTo, inOrder, stepsFor, turnsOf, UNANSWERED_MS } from './answers.js';

const isQuestion = ({ method, id }: any) => method !== undefined && id !== undefined;
const isAnswer = ({ method }: any) => method === undefined;

/** Moves that need a session: questions, state, streams that are cut and resumed, cancellation. */
export const sessionMoves: Moves = {
  async converse(client) {
    const steps = stepsFor(client.version, client.random);
    const token = client.random.chance(60) ? { progressToken: client.key() } : {};
    const call = client.begin('tools/call', { name: 'ask', arguments: { steps } }, { meta: token });
    await answerAll(client, call, turnsOf(steps));
    await call.closed();
  },

  async 'converse in a prompt or resource'(client) {
    const [method, params] = client.random.pick<[string, Record<string, unknown>]>([
      ['prompts/get', { name: 'interview' }],
      ['resources/read', { uri: 'note://asking' }],
    ]);
    const call = client.begin(method, params);
    await answerAll(client, call, [1]);
    await call.closed();
  },

  async 'leave a question without answer'(client) {
    // Once is enough of what takes its time.
    if (client.version !== '2025-11-25') return;
    const steps = [client.random.pick(['sample', 'roots'])];
    await client.call('ask', { steps, timeoutMs: UNANSWERED_MS });
  },

  async 'cut, and come back for the answer'(client) {
    const key = client.key();
    const held = client.begin(
      'tools/call',
      { name: 'hold', arguments: { key } },
      { meta: { progressToken: key } },
    );
    await held.message(({ method }) => method === 'notifications/progress');
    held.cut();
    const isEarly = client.random.chance(50);
    const resumed = isEarly && (await client.listen(held.lastEventId));
    await client.call('release', { key });
    await comeBack(client, held, resumed || undefined);
  },

  async 'cut at a question, and answer elsewhere'(client) {
    const steps = ['progress', 'sample', 'log', 'roots'];
    const meta = { progressToken: client.key() };
    const call = client.begin('tools/call', { name: 'ask', arguments: { steps } }, { meta });
    const question = await call.message(isQuestion);
    call.cut();
    const resumed = await client.listen(call.lastEventId);
    await answer(client, question);
    const next = await resumed.message((message) => isQuestion(message) || isAnswer(message));
    if (next && isQuestion(next)) await answer(client, next);
    await resumed.message(isAnswer);
    resumed.cut();
  },

  async 'leave, and come back'(client) {
    const key = client.key();
    const meta = { progressToken: key };
    const call = client.begin('tools/call', { name: 'leave', arguments: { key } }, { meta });
    await call.closed();
    await client.call('ended', { key });
    if (!call.messages.some(isAnswer)) await comeBack(client, call);
  },

  async cancel(client) {
    const key = client.key();
    const id = client.id();
    const meta = client.random.chance(50) ? { progressToken: key } : {};
    const held = client.begin('tools/call', { name: 'hold', arguments: { key } }, { id, meta });
    if ('progressToken' in meta) await held.message(({ method }) => method === 'notifications/progress');
    else await client.call('begun', { key });
    await client.notify('notifications/cancelled', { requestId: `not ${id}` });
    await client.notify('notifications/cancelled', { requestId: id, reason: 'enough' });
    await held.closed();
    await client.call('ended', { key });
  },

  async 'cancel a call that asks'(client) {
    const key = client.key();
    const id = client.id();
    const call = client.begin('tools/call', { name: 'ask', arguments: { steps: ['sample'], key } }, { id });
    const question = await call.message(isQuestion);
    await client.notify('notifications/cancelled', { requestId: id });
    await call.closed();
    await client.call('ended', { key });
    await answer(client, question);
  },

  async 'the id of a running request'(client) {
    const key = client.key();
    const id = client.id();
    // Which requests run is known to the instance that runs them.
    await client.atOneInstance(async () => {
      const held = client.begin('tools/call', { name: 'hold', arguments: { key } }, { id });
      await client.call('begun', { key });
      await client.ask('ping', {}, { id });
      await client.call('release', { key });
      await held.closed();
      await client.ask('ping', {}, { id });
    });
  },

  async 'hear of changes'(client) {
    const uri = client.random.pick(['note://open', 'note://by-id/7']);
    const name = client.key();
    await client.ask('resources/subscribe', { uri });
    const first = await client.listen();
    await client.call('touch', { uri });
    await first.message(({ method }) => method === 'notifications/resources/updated');
    await client.call('tell', { data: 'before' });
    await first.message(({ params }) => params?.data === 'before');
    if (client.random.chance(50)) {
      first.cut();
      await client.call('tell', { data: 'away' });
      await client.call('touch', { uri });
      const second = await client.listen(first.lastEventId);
      await second.message(({ method }) => method === 'notifications/resources/updated');
      await client.call('tell', { data: name });
      await second.message(({ params }) => params?.data === name);
      second.cut();
    } else {
      await client.ask('resources/unsubscribe', { uri });
      await client.call('touch', { uri });
      await client.call('tell', { data: name });
      await first.message(({ params }) => params?.data === name);
      first.cut();
    }
    await client.ask('resources/unsubscribe', { uri });
  },

  async 'hear of new tools'(client) {
    const name = client.key();
    const stream = await client.listen();
    const heard = (count: number) => stream.until(() => stream.messages.length >= count);
    // Each instance has tools of its own.
    await client.atOneInstance(async () => {
      await client.call('add', { name });
      await heard(1);
      await client.call(name);
      await client.call('remove', { name });
      await heard(2);
    });
    stream.cut();
  },

  async 'be asked beside any request'(client) {
    const key = client.key();
    const stream = await client.listen();
    await client.call('ask_aside', { key });
    await answer(client, await stream.message(isQuestion));
    await client.call('ended', { key });
    stream.cut();
  },

  async 'open a second stream'(client) {
    const first = await client.listen();
    const second = await client.listen();
    await first.closed();
    await client.call('tell', { data: 'to the second' });
    await second.message(({ params }) => params?.data === 'to the second');
    second.cut();
  },

  async 'resume what is not there'(client) {
    const headers = { ...client.headers(), accept: 'text/event-stream', 'last-event-id': 'nothing' };
    await client.send({ verb: 'GET', headers });
  },

  async 'a wrong session'(client) {
    const id = client.random.pick(['unknown', '}', 'a/../b', 'x'.repeat(300), undefined]);
    await client.ask('tools/list', {}, { headers: { 'mcp-session-id': id } });
  },

  async 'a wrong revision of the session'(client) {
    const version = client.random.pick(['2025-03-26', '2025-06-18', '2025-11-25', undefined]);
    await client.ask('ping', {}, { headers: { 'mcp-protocol-version': version } });
  },

  async 'end the session'(client) {
    const key = client.key();
    await client.call('set', { key, value: 1 });
    const listening = client.random.chance(50) ? await client.listen() : undefined;
    await client.send({ verb: 'DELETE', headers: client.headers() });
    await listening?.closed();
    for (const verb of ['GET', 'DELETE']) await client.send({ verb, headers: client.headers() });
    await client.ask('ping');
    await client.initialize();
    await client.call('get', { key });
  },

  async 'end the session of a running call'(client) {
    const key = client.key();
    const meta = { progressToken: key };
    const held = client.begin('tools/call', { name: 'hold', arguments: { key } }, { meta });
    await held.message(({ method }) => method === 'notifications/progress');
    await client.send({ verb: 'DELETE', headers: client.headers() });
    await held.closed();
    await client.initialize();
    await client.call('ended', { key });
  },

  async 'answer twice'(client) {
    const call = client.begin('tools/call', { name: 'ask', arguments: { steps: ['roots'] } });
    const question = await call.message(isQuestion);
    await answer(client, question);
    await call.closed();
    await answer(client, question);
  },
};

/** Answers the questions of a call, turn by turn. */
async function answerAll(client: ProgramClient, call: Live, turns: readonly number[]): Promise<void> {
  let answered = 0;
  for (const count of turns) {
    const questions = () => call.messages.filter(isQuestion).slice(answered);
    await call.until(() => questions().length >= count || call.messages.some(isAnswer));
    const asked = inOrder<any>(questions());
    if (asked.length === 0) return;
    for (const question of asked) await answer(client, question);
    answered += asked.length;
  }
}

async function answer(client: ProgramClient, { id, method }: any): Promise<void> {
  const said = answerTo(method, client.random);
  await client.send({ headers: client.headers(), body: { jsonrpc: '2.0', id, ...said } });
}

/** Goes on with a stream that broke, up to the answer. */
async function comeBack(client: ProgramClient, broken: Live, resumed?: Live): Promise<void> {
  const live = resumed ?? (await client.listen(broken.lastEventId));
  await live.message(isAnswer);
  live.cut();
}
