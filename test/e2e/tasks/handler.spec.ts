import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  InMemoryTaskAdapter,
  inputRequired,
  McpExecutionContext,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { Gate } from '../conversations/fixture.js';
import { ANSWER, answerAll, ask, call, CAPABLE, FORM, startTasks, until } from './support.js';

const asked: unknown[] = [];
const guardedLater = { hasEnded: false };

@Injectable()
class OnlyAda implements CanActivate {
  canActivate(context: ExecutionContext) {
    const mcp = McpExecutionContext.create(context);
    asked.push(mcp.getArgs());
    return mcp.getContext().principal?.subject === 'ada';
  }
}

@Injectable()
class Tools {
  @McpTool({ name: 'report', task: 'required' })
  async report(_: object, ctx: McpContext) {
    await ctx.task?.status('reading');
    await ctx.elicit({ message: 'Go on?', schema: FORM });
    await ctx.progress(1, 2);
    await ctx.elicit({ message: 'And on?', schema: FORM });
    return ctx.task ? 'a task' : 'a call';
  }

  @McpTool({ name: 'kind', task: 'required' })
  kind(_: object, ctx: McpContext) {
    return ctx.task ? 'a task' : 'a call';
  }

  @McpTool({ name: 'modern_only', task: { mode: 'required', legacy: 'refuse' } })
  modernOnly() {
    return 'never for older clients';
  }

  @McpTool({ name: 'hidden', task: 'required', visible: ({ principal }) => principal?.subject === 'bob' })
  hidden() {
    return 'seen';
  }

  @UseGuards(OnlyAda)
  @McpTool({
    name: 'guarded',
    task: 'required',
    input: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
  })
  guarded() {
    return 'let in';
  }

  @UseGuards(OnlyAda)
  @McpTool({ name: 'guarded_later', task: { afterMs: 0 } })
  async guardedLater() {
    await delay(50);
    guardedLater.hasEnded = true;
    return 'let in';
  }

  @McpTool({ name: 'rounds', task: 'required' })
  rounds(_: object, ctx: McpContext) {
    const round = Number(ctx.requestState ?? '0') + 1;
    const { pick } = (ctx.inputResponses ?? {}) as { pick?: { content: { name: string } } };
    if (round === 4) return `Picked ${pick?.content.name}`;
    const pickAgain = {
      method: 'elicitation/create' as const,
      params: { message: 'Pick', requestedSchema: FORM },
    };
    return inputRequired({
      ...(round < 3 && { inputRequests: { pick: pickAgain } }),
      requestState: String(round),
    });
  }

  @McpTool({ name: 'impatient', task: 'required' })
  async impatient(_: object, ctx: McpContext) {
    const late = await ctx.elicit({ message: 'Quick?', schema: FORM, timeoutMs: 20, retries: 1 }).then(
      () => 'answered',
      (error: Error) => error.name,
    );
    await ctx.elicit({ message: 'Slow?', schema: FORM });
    return late;
  }

  @McpTool({ name: 'deaf', task: 'required' })
  async deaf(_: object, ctx: McpContext) {
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    await delay(60_000, undefined, { ref: false });
  }
}

const apps: TestApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  asked.splice(0);
});

describe.each(PLATFORMS)('the handler of a task on %s', (platform) => {
  const start = async () => {
    const app = await startTasks([Tools], { tasks: new InMemoryTaskAdapter() }, platform);
    apps.push(app);
    return app;
  };

  it('says how it is going, by ctx.task and by ctx.progress, and sees that it is a task', async () => {
    const app = await start();
    const { taskId } = (await call(app, 'report')).result;
    const first = await until(app, taskId, 'input_required');
    expect(first.statusMessage).toBe('reading');
    await answerAll(app, first);
    await until(app, taskId, 'input_required').then((task) => expect(task.statusMessage).toBe('1 of 2'));
    const second = await until(app, taskId, 'input_required');
    expect(Object.keys(second.inputRequests)).not.toEqual(Object.keys(first.inputRequests));
    await answerAll(app, second);
    expect((await until(app, taskId, 'completed')).result.content[0].text).toBe('a task');
  });

  it('gets an ordinary call of an older client, or refuses it with a tool error', async () => {
    const app = await start();
    const older = async (name: string) =>
      (await app.post(legacy('tools/call', { name, arguments: {} }), { 'x-user': 'ada' })).json.result;
    expect((await older('kind')).content[0].text).toBe('a call');
    const refused = await older('modern_only');
    expect(refused.isError).toBe(true);
    expect(refused.content[0].text).toContain('io.modelcontextprotocol/tasks');
  });

  it('is unknown to whom it is hidden from, and needs the capability before its arguments count', async () => {
    const app = await start();
    const unknown = (await call(app, 'nobody')).error;
    for (const capabilities of [CAPABLE, {}]) {
      const { error } = await call(app, 'hidden', {}, { capabilities });
      expect({ ...error, message: error.message.replace('hidden', 'nobody') }).toEqual(unknown);
    }
    expect((await call(app, 'hidden', {}, { user: 'bob', capabilities: {} })).error.code).toBe(-32021);
    const malformed = { name: 'guarded', arguments: 'none' };
    expect((await ask(app, 'tools/call', malformed, { capabilities: {} })).error.code).toBe(-32021);
  });

  it('runs its guards once, with the arguments, before there is a task', async () => {
    const app = await start();
    const denied = (await call(app, 'guarded', { n: 1 }, { user: 'bob' })).result;
    expect(denied).toMatchObject({ resultType: 'complete', isError: true });
    expect((await call(app, 'guarded', {})).result).toMatchObject({ resultType: 'complete', isError: true });
    const { taskId } = (await call(app, 'guarded', { n: 2 })).result;
    expect((await until(app, taskId, 'completed')).result.content[0].text).toBe('let in');
    expect(asked).toEqual([{ n: 1 }, { n: 2 }]);
    const later = (await call(app, 'guarded_later', {})).result;
    expect((await until(app, later.taskId, 'completed')).result.content[0].text).toBe('let in');
    expect(asked).toHaveLength(3);
    const refused = (await call(app, 'guarded_later', {}, { user: 'bob' })).result;
    expect(refused).toMatchObject({ resultType: 'complete', isError: true });
  });

  it('may ask round by round, under keys that stand for one question each', async () => {
    const app = await start();
    const { taskId } = (await call(app, 'rounds')).result;
    const first = await until(app, taskId, 'input_required');
    await answerAll(app, first);
    let second = await until(app, taskId, 'input_required');
    while (second.inputRequests.pick) second = await until(app, taskId, 'input_required');
    expect(Object.keys(second.inputRequests)).toEqual(['pick_2']);
    await answerAll(app, second, { action: 'accept', content: { name: 'Eve' } });
    expect((await until(app, taskId, 'completed')).result.content[0].text).toBe('Picked undefined');
  });

  it('takes back a question that waits no longer', async () => {
    const app = await start();
    const { taskId } = (await call(app, 'impatient')).result;
    let task = await until(app, taskId, 'input_required');
    while (!JSON.stringify(task.inputRequests).includes('Slow?'))
      task = await until(app, taskId, 'input_required');
    expect(Object.keys(task.inputRequests)).toHaveLength(1);
    await answerAll(app, task);
    const { result } = await until(app, taskId, 'completed');
    expect(result.content[0].text).toBe('ClientRequestTimeoutError');
  });

  it('is cancelled at once, whether or not it heeds its signal', async () => {
    const app = await start();
    const { taskId } = (await call(app, 'deaf')).result;
    await ask(app, 'tasks/cancel', { taskId });
    const cancelled = await until(app, taskId, 'cancelled');
    await delay(20);
    expect(await ask(app, 'tasks/get', { taskId })).toMatchObject({ result: cancelled });
  });

  it('is counted as long as it runs', async () => {
    const app = await start();
    const { taskId } = (await call(app, 'report')).result;
    const task = await until(app, taskId, 'input_required');
    const stats = () => app.app.get(StreamableHttpTransport, { strict: false }).stats();
    expect(stats()).toMatchObject({ tasks: 1, requests: 0 });
    await answerAll(app, task);
    await ask(app, 'tasks/cancel', { taskId });
    await until(app, taskId, 'cancelled');
    while (stats().tasks > 0) await delay(5);
  });
});

it('has a place among those of its caller, or no task', async () => {
  const app = await startTasks([Tools], {
    tasks: new InMemoryTaskAdapter(),
    limits: { tasksPerPrincipal: 1 },
  });
  apps.push(app);
  const { taskId } = (await call(app, 'report')).result;
  const [body, headers] = modern('tools/call', { name: 'report', arguments: {} }, { capabilities: CAPABLE });
  const refused = await app.post(body, { ...headers, 'x-user': 'ada' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await call(app, 'guarded_later')).result.resultType).toBe('complete');
  expect((await call(app, 'report', {}, { user: 'bob' })).result.resultType).toBe('task');
  await ask(app, 'tasks/cancel', { taskId });
  await until(app, taskId, 'cancelled');
  let again = await call(app, 'report');
  while (!again.result) again = await call(app, 'report');
  expect(again.result.resultType).toBe('task');
});

/** Keeps a task only once it is allowed to. */
class SlowTasks extends InMemoryTaskAdapter {
  isCreating = false;
  readonly gate = new Gate();

  override async create(...given: Parameters<InMemoryTaskAdapter['create']>) {
    this.isCreating = true;
    await this.gate.opened;
    return super.create(...given);
  }
}

it('may end while its task is being created, and leaves none that has no end', async () => {
  const tasks = new SlowTasks();
  const app = await startTasks([Tools], { tasks });
  apps.push(app);
  guardedLater.hasEnded = false;
  const answer = call(app, 'guarded_later');
  while (!tasks.isCreating || !guardedLater.hasEnded) await delay(5);
  tasks.gate.open();
  const { taskId } = (await answer).result;
  expect((await until(app, taskId, 'completed')).result.content[0].text).toBe('let in');
  while (app.app.get(StreamableHttpTransport, { strict: false }).stats().tasks > 0) await delay(5);
});

it('sessions make no difference to tasks', async () => {
  const app = await startTasks([Tools], {
    tasks: new InMemoryTaskAdapter(),
    sessionAdapter: new InMemorySessionAdapter(),
    clientRequestAdapter: new InMemoryClientRequestAdapter(),
  });
  apps.push(app);
  const { taskId } = (await call(app, 'report')).result;
  await answerAll(app, await until(app, taskId, 'input_required'), ANSWER);
});

it.each([
  [{ mode: 'auto', handOver: true }, "handOver needs mode 'required'"],
  [{ mode: 'required', legacy: 'perhaps' }, "legacy must be 'call' or 'refuse'"],
])('refuses at the start what cannot work: %j', async (task, message) => {
  class Wrong {
    run() {}
  }
  McpTool({ name: 'wrong', task: task as never })(
    Wrong.prototype,
    'run',
    Object.getOwnPropertyDescriptor(Wrong.prototype, 'run') as PropertyDescriptor,
  );
  await expect(startTasks([Wrong], { tasks: new InMemoryTaskAdapter() })).rejects.toThrow(message);
});
