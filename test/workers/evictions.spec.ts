import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answerAll, ask, call, until } from '../e2e/tasks/support.js';
import { SessionClient } from '../support/session-client.js';
import { createPoster } from '../support/http.js';
import type { RawExchange } from '../support/raw-http.js';
import { command, startInstances, type Instances } from './instances.js';

const ANSWER = { action: 'accept', content: { word: 'tern' } };
const isAnswer = ({ result, error }: any) => result !== undefined || error !== undefined;
const isProgress = ({ method }: any) => method === 'notifications/progress';
const numbersOf = (exchanges: readonly RawExchange[]) =>
  exchanges.flatMap(({ messages }) =>
    messages.flatMap(({ params }) => params?.progress ?? params?.data?.number ?? []),
  );
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function listen(client: SessionClient): Promise<RawExchange> {
  const stream = client.listen();
  await stream.until(() => stream.text.length > 0 || stream.comments.length > 0);
  return stream;
}

describe('objects of the store that are evicted', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await startInstances();
  }, 240_000);
  afterAll(() => instances?.stop());

  it('lose no message to a stream that follows one, and send none twice', async () => {
    const { one, two } = instances;
    const client = await SessionClient.open(one);
    const stream = await listen(client.with(two));
    for (const number of upTo(9)) {
      await command(one, 'tell', { sessionId: client.id, number });
      // Before and after the follower is back.
      if (number % 3 === 0) await instances.evict();
      if (number === 6) await stream.message(({ params }) => params?.data?.number === 6);
    }
    await stream.message(({ params }) => params?.data?.number === 9);
    expect(numbersOf([stream])).toEqual(upTo(9));
    await client.delete();
    await stream.closed;
  });

  it('lose nothing of a call that runs meanwhile', async () => {
    const client = await SessionClient.open(instances.one);
    const counting = client.begin('count', { count: 40, paceMs: 20 }, { progressToken: 'p' });
    for (const number of [5, 15, 16]) {
      await counting.message(({ params }) => params?.progress === number);
      await instances.evict();
    }
    expect((await counting.message(isAnswer)).result.content[0].text).toBe('counted on one');
    expect(numbersOf([counting])).toEqual(upTo(40));
    await client.delete();
  });

  it('keep questions, and bring their answers', async () => {
    const { one, two } = instances;
    const client = await SessionClient.open(one, { capabilities: { elicitation: {} } });
    const asking = client.begin('ask');
    const { id } = await asking.message(({ method }) => method === 'elicitation/create');
    await instances.evict();
    const answered = await client.with(two).post({ jsonrpc: '2.0', id, result: ANSWER });
    expect(answered.status).toBe(202);
    await instances.evict();
    expect((await asking.message(isAnswer)).result.content[0].text).toBe('accept tern on one');
    await client.delete();
  });

  it('keep tasks that wait', async () => {
    const [one, two] = [instances.one, instances.two].map(({ url }) => ({ post: createPoster(url) }));
    if (!one || !two) throw new Error('There are two');
    const { taskId } = (await call(one, 'ask_in_task')).result;
    const waiting = await until(two, taskId, 'input_required');
    await instances.evict();
    await answerAll(two, waiting, ANSWER);
    await instances.evict();
    const done = await until(two, taskId, 'completed');
    expect(done.result.content[0].text).toBe('accept tern on one');
    expect((await ask(one, 'tasks/get', { taskId })).result.status).toBe('completed');
  });
});

describe('an instance that is evicted', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await startInstances();
  }, 240_000);
  afterAll(() => instances?.stop());

  it('leaves its sessions to the other and to the next in its place; its calls end with an error', async () => {
    const { one, two } = instances;
    const client = await SessionClient.open(one);
    const counting = client.begin('count', { count: 10_000 }, { id: 'long', progressToken: 'p' });
    await counting.message(isProgress);
    const { lastEventId } = counting;
    await instances.evictInstance('one');
    await counting.closed;
    const rest = client.with(two).listen(lastEventId);
    const ended = await rest.message(isAnswer);
    expect([ended.id, ended.error.message]).toEqual(['long', 'The instance that served the request is gone']);
    expect(numbersOf([counting, rest])).toEqual(upTo(numbersOf([counting, rest]).length));
    expect((await client.call('where')).json.result.content[0].text).toBe('one');
    await client.delete();
  });
});

describe('a restart', () => {
  let folder: string;
  let instances: Instances | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'objects-'));
  });
  afterEach(async () => {
    await instances?.stop();
    instances = undefined;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('keeps sessions and their events', async () => {
    instances = await startInstances({ folder });
    const client = await SessionClient.open(instances.one);
    const counting = client.begin('count', { count: 5, paceMs: 0 }, { progressToken: 'p' });
    await counting.message(isAnswer);
    const { id } = counting.events.find(({ data }) => data.includes('"progress":1')) as { id?: string };
    await instances.stop();
    instances = await startInstances({ folder });
    const rest = client.with(instances.two).listen(id);
    await rest.message(isAnswer);
    expect(numbersOf([rest])).toEqual([2, 3, 4, 5]);
    await client.with(instances.two).delete();
  }, 240_000);

  it('keeps the alarms that remove what has expired', async () => {
    instances = await startInstances({ folder, sessionTtlMs: 1_000 });
    await command(instances.one, 'where');
    const before = new Set(await instances.ids());
    const client = await SessionClient.open(instances.one);
    await client.call('count', { count: 1 }, { progressToken: 'p' });
    const ids = (await instances.ids()).filter((id) => !before.has(id));
    expect(await instances.rows(ids)).toBeGreaterThan(0);
    await instances.stop();
    instances = await startInstances({ folder });
    // Nobody is there who would ask for them.
    while ((await instances.rows(ids)) > 0) await delay(200);
  }, 60_000);
});
