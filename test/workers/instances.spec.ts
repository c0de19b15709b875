import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answerAll, ask, call, until } from '../e2e/tasks/support.js';
import { SessionClient } from '../support/session-client.js';
import { createPoster, legacy, modern } from '../support/http.js';
import { RawExchange } from '../support/raw-http.js';
import { command, startInstances, type Instances } from './instances.js';

const ASKED = { capabilities: { elicitation: {} } };
const ANSWER = { action: 'accept', content: { word: 'tern' } };
const isAnswer = ({ result, error }: any) => result !== undefined || error !== undefined;
const isProgress = ({ method }: any) => method === 'notifications/progress';
const isQuestion = ({ method }: any) => method === 'elicitation/create';
const numbersOf = (exchanges: readonly RawExchange[]) =>
  exchanges.flatMap(({ messages }) =>
    messages.flatMap(({ params }) => params?.progress ?? params?.data?.number ?? []),
  );

let instances: Instances;
let one: { url: string };
let two: { url: string };
beforeAll(async () => {
  instances = await startInstances();
  ({ one, two } = instances);
}, 240_000);
afterAll(() => instances?.stop());

/** Opens the stream of a session, and waits until it is. */
async function listen(client: SessionClient, lastEventId?: string): Promise<RawExchange> {
  const stream = client.listen(lastEventId);
  await stream.until(() => stream.text.length > 0 || stream.comments.length > 0);
  return stream;
}

describe('two workers on one namespace of objects', () => {
  it('are two', async () => {
    expect([await command(one, 'where'), await command(two, 'where')]).toEqual(['one', 'two']);
  });

  it('serve a session that the other has begun, to its own principal only', async () => {
    const client = await SessionClient.open(one, { headers: { 'x-user': 'ada' } });
    const there = client.with(two);
    expect((await there.call('where')).json.result.content[0].text).toBe('two');
    for (const url of [one.url, two.url]) {
      const foreign = client.with({ url, headers: { 'x-user': 'eve' } });
      expect((await foreign.call('where')).status).toBe(404);
      expect((await foreign.delete()).status).toBe(404);
    }
    expect((await client.delete()).status).toBeLessThan(300);
    expect((await there.call('where')).status).toBe(404);
  });

  it('bring messages of the one to a stream that is open at the other', async () => {
    const client = await SessionClient.open(one);
    const stream = await listen(client.with(two));
    for (const number of [1, 2, 3]) await command(one, 'tell', { sessionId: client.id, number });
    await stream.message(({ params }) => params?.data?.number === 3);
    expect(numbersOf([stream])).toEqual([1, 2, 3]);
    await client.delete();
    await stream.closed;
  });

  it('take answers to questions of the other, once', async () => {
    const client = await SessionClient.open(one, ASKED);
    const asking = client.begin('ask');
    const { id } = await asking.message(isQuestion);
    const answer = { jsonrpc: '2.0', id, result: ANSWER };
    const statuses = [await client.with(two).post(answer), await client.with(two).post(answer)].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([202, 400]);
    expect((await asking.message(isAnswer)).result.content[0].text).toBe('accept tern on one');
    await client.delete();
  });

  it('go on with a call that waits at the other for what it has asked a client of 2026-07-28', async () => {
    const params = { name: 'ask', arguments: {} };
    const asked = (await createPoster(one.url)(...modern('tools/call', params, ASKED))).json.result;
    const [key = ''] = Object.keys(asked.inputRequests);
    const retry = { ...params, requestState: asked.requestState, inputResponses: { [key]: ANSWER } };
    const told = (await createPoster(two.url)(...modern('tools/call', retry, ASKED))).json.result;
    expect(told.content[0].text).toBe('accept tern on one');
  });

  it('announce what changes at the one to clients of both, once', async () => {
    const client = await SessionClient.open(two);
    const stream = await listen(client);
    const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const listening = new RawExchange(two.url, { method: 'POST', body, headers });
    await listening.message(() => true);
    await command(one, 'add_tool', { name: 'late' });
    const isChange = ({ method }: any) => method === 'notifications/tools/list_changed';
    for (const each of [stream, listening]) await each.message(isChange);
    await command(one, 'tell', { sessionId: client.id, number: 1 });
    await stream.message(({ params }) => params?.data?.number === 1);
    expect(stream.messages.filter(isChange)).toHaveLength(1);
    listening.cut();
    await client.delete();
  });

  it('resume at the one what broke at the other, while the call goes on there', async () => {
    const client = await SessionClient.open(one);
    const counting = client.begin('count', { count: 12, paceMs: 100 }, { progressToken: 'p' });
    await counting.message(isProgress);
    const { lastEventId } = counting;
    counting.cut();
    const rest = client.with(two).listen(lastEventId);
    expect((await rest.message(isAnswer)).result.content[0].text).toBe('counted on one');
    expect(numbersOf([counting, rest])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    await client.delete();
  });

  it('cancel what the other runs', async () => {
    const client = await SessionClient.open(one);
    const counting = client.begin('count', { count: 10_000 }, { id: 'long', progressToken: 'p' });
    await counting.message(isProgress);
    await client.with(two).notify('notifications/cancelled', { requestId: 'long' });
    await counting.closed;
    expect(counting.messages.some(isAnswer)).toBe(false);
    await client.delete();
  });

  it('read, answer and cancel tasks that the other has created, for their principal only', async () => {
    const at = ({ url }: { url: string }) => ({ post: createPoster(url) });
    const { taskId } = (await call(at(one), 'ask_in_task')).result;
    const waiting = await until(at(two), taskId, 'input_required');
    expect((await ask(at(two), 'tasks/get', { taskId }, { user: 'eve' })).error).toBeDefined();
    await answerAll(at(two), waiting, ANSWER);
    const done = await until(at(two), taskId, 'completed');
    expect(done.result.content[0].text).toBe('accept tern on one');

    const other = (await call(at(one), 'ask_in_task')).result;
    await until(at(two), other.taskId, 'input_required');
    await ask(at(two), 'tasks/cancel', { taskId: other.taskId });
    await until(at(one), other.taskId, 'cancelled');
  });

  it('refuse what is not of the session', async () => {
    const [client, foreign] = [await SessionClient.open(one), await SessionClient.open(two)];
    const counting = client.begin('count', { count: 3 }, { progressToken: 'p' });
    await counting.message(isAnswer);
    const { events } = counting;
    const stolen = foreign.listen(events[1]?.id);
    await stolen.closed;
    expect(stolen.status).toBe(400);
    expect((await foreign.post(legacy('ping'))).status).toBe(200);
    await Promise.all([client.delete(), foreign.delete()]);
  });
});
