import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AdapterUnavailableError,
  InMemoryTaskAdapter,
  McpError,
  McpModule,
  McpTasks,
  McpTool,
  MemoryStore,
  MemoryStoreData,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { ANSWER, answerAll, ask, call, CAPABLE, FORM, startTasks, until } from './support.js';

const queue: string[] = [];
const OUTPUT = { type: 'object', properties: { pages: { type: 'integer' } }, required: ['pages'] };

@Injectable()
class Tools {
  @McpTool({ name: 'report', output: OUTPUT, task: { mode: 'required', handOver: true } })
  report(_: object, ctx: McpContext) {
    const handover = ctx.task?.handOver();
    queue.push(handover?.id as string);
    return handover;
  }

  @McpTool({ name: 'broken', task: { mode: 'required', handOver: true } })
  broken(_: object, ctx: McpContext) {
    ctx.task?.handOver();
    throw new McpError(-32000 - 700, 'The queue is full');
  }

  @McpTool({ name: 'silent', task: 'required' })
  silent(_: object, ctx: McpContext) {
    return ctx.task?.handOver();
  }
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  queue.splice(0);
});

/** A server, and McpTasks as another process has it: without HTTP. */
async function start(
  more: Partial<McpModuleOptions> = {},
  data = new MemoryStoreData(),
): Promise<{ readonly app: TestApp; readonly tasks: McpTasks; readonly stop: () => Promise<void> }> {
  const serverInfo = { name: 'tasks', version: '1.0.0' };
  const options = { serverInfo, requestStateSecret: 'x'.repeat(32), ...more };
  const app = await startTasks([Tools], { ...options, store: new MemoryStore(data) });
  closing.push(() => app.close());

  @Module({ imports: [McpModule.forRoot({ ...options, store: new MemoryStore(data) })], providers: [Tools] })
  class WorkerModule {}

  const worker = await NestFactory.createApplicationContext(WorkerModule, { logger: false });
  closing.push(() => worker.close());
  return { app, tasks: worker.get(McpTasks), stop: () => worker.close() };
}

async function handedOver(app: TestApp): Promise<string> {
  const { taskId } = (await call(app, 'report')).result;
  while (queue.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return taskId as string;
}

describe('a task that was handed over', () => {
  it('is reported on, asks and is completed from a process without HTTP, though its instance is gone', async () => {
    const { app, tasks } = await start();
    const taskId = await handedOver(app);
    const id = queue[0] as string;
    expect(await tasks.isOpen(id)).toBe(true);
    expect(await tasks.status(id, 'page 1')).toBe(true);
    const answering = tasks.elicit(id, { key: 'who', message: 'For whom?', schema: FORM });
    const task = await until(app, taskId, 'input_required');
    expect(task.statusMessage).toBe('page 1');
    expect(Object.keys(task.inputRequests)).toEqual(['who']);
    await answerAll(app, task);
    expect(await answering).toMatchObject(ANSWER);
    // A job that is repeated finds the answer, and asks nothing else under the same key.
    expect(await tasks.elicit(id, { key: 'who', message: 'For whom?', schema: FORM })).toMatchObject(ANSWER);
    await expect(tasks.elicit(id, { key: 'who', message: 'Else?', schema: FORM })).rejects.toThrow(
      'not the one',
    );
    await expect(tasks.complete(id, { pages: 'many' })).rejects.toThrow('does not fit the output schema');
    expect(await tasks.complete(id, { pages: 3 })).toBe(true);
    expect(await tasks.complete(id, { pages: 4 })).toBe(false);
    const { result } = await until(app, taskId, 'completed');
    expect(result.structuredContent).toEqual({ pages: 3 });
  });

  it('stays open when its instance is stopped', async () => {
    const { app, tasks } = await start();
    await handedOver(app);
    await app.close();
    expect(await tasks.complete(queue[0] as string, { pages: 1 })).toBe(true);
  });

  it('fails with a tool error or with an error of the request', async () => {
    const { app, tasks } = await start();
    const first = await handedOver(app);
    expect(await tasks.fail(queue.pop() as string, 'No paper')).toBe(true);
    const { result } = await until(app, first, 'completed');
    expect(result).toMatchObject({ isError: true, content: [{ text: 'No paper' }] });
    const second = await handedOver(app);
    expect(await tasks.fail(queue[0] as string, new McpError(-32603, 'Broken'))).toBe(true);
    expect((await until(app, second, 'failed')).error).toEqual({ code: -32603, message: 'Broken' });
  });

  it('is cancelled at once, which ends what waits for an answer', async () => {
    const { app, tasks } = await start();
    const taskId = await handedOver(app);
    const id = queue[0] as string;
    const answering = tasks.elicit(id, { key: 'who', message: 'For whom?', schema: FORM });
    const ended = expect(answering).rejects.toMatchObject({ code: 'MCP_TASK_ENDED' });
    await until(app, taskId, 'input_required');
    await ask(app, 'tasks/cancel', { taskId });
    await until(app, taskId, 'cancelled');
    await ended;
    expect([await tasks.isOpen(id), await tasks.complete(id, { pages: 1 })]).toEqual([false, false]);
  });

  it('takes a question back that waits no longer', async () => {
    const { app, tasks } = await start();
    const taskId = await handedOver(app);
    const id = queue[0] as string;
    const late = tasks.elicit(id, { key: 'who', message: 'For whom?', schema: FORM, timeoutMs: 30 });
    await expect(late).rejects.toThrow('did not answer within 30 ms');
    expect((await ask(app, 'tasks/get', { taskId })).result.status).toBe('working');
  });
});

it('a process that stops tells questions that wait that they may be asked elsewhere', async () => {
  const { app, tasks, stop } = await start();
  const taskId = await handedOver(app);
  const id = queue[0] as string;
  const answering = tasks.elicit(id, { key: 'who', message: 'For whom?', schema: FORM });
  const ended = expect(answering).rejects.toBeInstanceOf(AdapterUnavailableError);
  await until(app, taskId, 'input_required');
  await stop();
  await ended;
  expect((await ask(app, 'tasks/get', { taskId })).result.status).toBe('input_required');
});

it('are limited for each caller while they are open, at all instances together', async () => {
  const data = new MemoryStoreData();
  const limits = { handedOverTasksPerPrincipal: 2 };
  const [first, second] = [await start({ limits }, data), await start({ limits }, data)];
  const made = [await handedOver(first.app), (await call(second.app, 'report')).result.taskId];
  while (queue.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const refused = async ({ app }: typeof first) => {
    const [body, headers] = modern(
      'tools/call',
      { name: 'report', arguments: {} },
      { capabilities: CAPABLE },
    );
    const { status, headers: received } = await app.post(body, { ...headers, 'x-user': 'ada' });
    return [status, received.get('retry-after')];
  };
  expect(await Promise.all([refused(first), refused(second)])).toEqual([
    [503, '1'],
    [503, '1'],
  ]);
  expect((await call(first.app, 'report', {}, { user: 'bob' })).result.resultType).toBe('task');
  // Completed at a third process, cancelled at another instance: there is room again.
  expect(await second.tasks.complete(queue[0] as string, { pages: 1 })).toBe(true);
  expect((await call(second.app, 'report')).result.resultType).toBe('task');
  expect(await refused(first)).toEqual([503, '1']);
  await ask(second.app, 'tasks/cancel', { taskId: made[1] });
  expect((await call(first.app, 'report')).result.resultType).toBe('task');
  expect(await refused(second)).toEqual([503, '1']);
});

it('a handler that throws has handed nothing over, and one that may not hand over is told so', async () => {
  const { app } = await start();
  const broken = (await call(app, 'broken')).result.taskId;
  expect((await until(app, broken, 'failed')).error.message).toBe('The queue is full');
  const silent = (await call(app, 'silent')).result.taskId;
  expect((await until(app, silent, 'completed')).result.isError).toBe(true);
});

it('older clients are refused where the task is handed over, unless the tool says otherwise', async () => {
  const app = await startTasks([Tools], { tasks: new InMemoryTaskAdapter() });
  closing.push(() => app.close());
  const { result } = (await app.post(legacy('tools/call', { name: 'report', arguments: {} }))).json;
  expect(result.isError).toBe(true);
});
