import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  InMemoryTaskAdapter,
  McpTool,
  MemoryStore,
  MemoryStoreData,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { modern } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { closePipes, startPipe } from '../../stdio/support.js';
import { ANSWER, answerAll, ask, call, CAPABLE, FORM, startTasks, until } from './support.js';

const TAG = 'io.modelcontextprotocol/subscriptionId';

@Injectable()
class Tools {
  @McpTool({ name: 'greet', task: 'required' })
  async greet(_: object, ctx: McpContext) {
    const { content } = await ctx.elicit({ message: 'Who?', schema: FORM });
    await ctx.task?.status('greeting');
    return `Hello ${(content as { name: string }).name}`;
  }
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await closePipes();
});

function listen(app: TestApp, taskIds: unknown, user = 'ada', capabilities: object = CAPABLE): RawExchange {
  const params = { notifications: { taskIds } };
  const [body, headers] = modern('subscriptions/listen', params, { id: 'sub', capabilities });
  const exchange = new RawExchange(app.url, {
    method: 'POST',
    body,
    headers: { ...headers, 'x-user': user },
  });
  closing.push(async () => exchange.cut());
  return exchange;
}

const acknowledged = (exchange: RawExchange) =>
  exchange.message(({ method }) => method === 'notifications/subscriptions/acknowledged');
const told = (exchange: RawExchange, status: string) =>
  exchange.message(({ method, params }) => method === 'notifications/tasks' && params.status === status);

describe.each(PLATFORMS)('subscriptions/listen with taskIds on %s', (platform) => {
  const pair = async () => {
    const data = new MemoryStoreData();
    const shared = { requestStateSecret: 'x'.repeat(32) };
    const apps = [
      await startTasks([Tools], { ...shared, store: new MemoryStore(data) }, platform),
      await startTasks([Tools], { ...shared, store: new MemoryStore(data) }, platform),
    ] as const;
    for (const app of apps) closing.push(() => app.close());
    return apps;
  };

  it('tells every state of a task that runs elsewhere, as tasks/get has it', async () => {
    const [first, second] = await pair();
    const { taskId } = (await call(first, 'greet')).result;
    const exchange = listen(second, [taskId, taskId]);
    expect((await acknowledged(exchange)).params.notifications).toEqual({ taskIds: [taskId] });
    const asking = await told(exchange, 'input_required');
    await answerAll(first, asking.params);
    const { params } = await told(exchange, 'completed');
    expect(params._meta).toEqual({ [TAG]: 'sub' });
    const { resultType: _, _meta: __, ...task } = (await ask(first, 'tasks/get', { taskId })).result;
    const { _meta: ___, ...last } = params;
    expect(last).toEqual(task);
    const statuses = exchange.messages.slice(1).map((message) => message.params.status);
    expect(statuses.filter((status) => status === 'completed')).toHaveLength(1);
  });

  it('tells the last state of a task that is over', async () => {
    const [app] = await pair();
    const { taskId } = (await call(app, 'greet')).result;
    await ask(app, 'tasks/cancel', { taskId });
    await until(app, taskId, 'cancelled');
    await told(listen(app, [taskId]), 'cancelled');
  });

  it('agrees to no task that is foreign or unknown, and tells nothing of it', async () => {
    const [app] = await pair();
    const { taskId } = (await call(app, 'greet')).result;
    const exchange = listen(app, [taskId, 'unknown'], 'eve');
    expect((await acknowledged(exchange)).params.notifications).toEqual({ taskIds: [] });
    await answerAll(app, await until(app, taskId, 'input_required'));
    await until(app, taskId, 'completed');
    expect(exchange.messages).toHaveLength(1);
  });

  it.each([
    [{}, ['id'], -32021],
    [CAPABLE, 'id', -32602],
    [CAPABLE, [1], -32602],
    [CAPABLE, Array<string>(1001).fill('id'), -32602],
  ])('refuses it with %j and ids %#', async (capabilities, taskIds, code) => {
    const [app] = await pair();
    const [body, headers] = modern('subscriptions/listen', { notifications: { taskIds } }, { capabilities });
    expect((await app.post(body, headers)).json.error.code).toBe(code);
  });

  it('follows nothing any more once the client has gone', async () => {
    const [app] = await pair();
    const { taskId } = (await call(app, 'greet')).result;
    const exchange = listen(app, [taskId]);
    await told(exchange, 'input_required');
    exchange.cut();
    const stats = () => app.app.get(StreamableHttpTransport, { strict: false }).stats();
    while (stats().subscriptions > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(exchange.messages.filter(({ method }) => method === 'notifications/tasks').length).toBeGreaterThan(
      0,
    );
  });
});

it('tasks are made, followed, answered and completed over standard input and output', async () => {
  const pipe = await startPipe({ mcp: { tasks: new InMemoryTaskAdapter() }, providers: [Tools] });
  const request = async (id: string, method: string, params: Record<string, unknown>) => {
    const [body] = modern(method, params, { id, capabilities: CAPABLE });
    pipe.send(body);
    return pipe.answer(id);
  };
  const { taskId } = (await request('call', 'tools/call', { name: 'greet', arguments: {} })).result;
  pipe.send(
    modern(
      'subscriptions/listen',
      { notifications: { taskIds: [taskId] } },
      { id: 's', capabilities: CAPABLE },
    )[0],
  );
  const states = () => pipe.messages.filter(({ method }) => method === 'notifications/tasks');
  const find = async (status: string) => {
    for (;;) {
      const found = states().find(({ params }) => params.status === status);
      if (found) return found.params;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const [key] = Object.keys((await find('input_required')).inputRequests);
  await request('update', 'tasks/update', { taskId, inputResponses: { [key as string]: ANSWER } });
  expect((await find('completed')).result.content[0].text).toBe('Hello Ada');
  expect((await request('get', 'tasks/get', { taskId })).result.status).toBe('completed');
});
