import { setTimeout as delay } from 'node:timers/promises';
import type { Provider } from '@nestjs/common';
import { McpModule, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { startApp, type Platform, type TestApp } from '../../support/app.js';
import { modern } from '../../support/http.js';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
export const CAPABLE = { elicitation: {}, sampling: {}, extensions: { [TASKS_EXTENSION]: {} } };
export const FORM = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
export const ANSWER = { action: 'accept', content: { name: 'Ada' } };

export interface AskOptions {
  readonly user?: string;
  readonly capabilities?: object;
}

/** An application with tools, whose callers say who they are in a header. */
export function startTasks(
  providers: readonly Provider[],
  options: Partial<McpModuleOptions>,
  platform?: Platform,
): Promise<TestApp> {
  return startApp({
    ...(platform && { platform }),
    imports: [
      McpModule.forRoot({
        serverInfo: { name: 'tasks', version: '1.0.0' },
        principal: ({ headers }: any) => (headers['x-user'] ? { subject: headers['x-user'] } : undefined),
        shutdownGraceMs: 100,
        ...options,
      }),
    ],
    providers: [...providers],
  });
}

/** One request of a modern client that knows tasks. */
export async function ask(
  app: Pick<TestApp, 'post'>,
  method: string,
  params: Record<string, unknown>,
  { user = 'ada', capabilities = CAPABLE }: AskOptions = {},
): Promise<any> {
  const [body, headers] = modern(method, params, { capabilities });
  return (await app.post(body, { ...headers, 'x-user': user })).json;
}

export async function call(
  app: Pick<TestApp, 'post'>,
  name: string,
  args: object = {},
  options?: AskOptions,
) {
  return ask(app, 'tools/call', { name, arguments: args }, options);
}

/** The task once it has this status. */
export async function until(
  app: Pick<TestApp, 'post'>,
  taskId: string,
  status: string,
  options?: AskOptions,
): Promise<any> {
  let last: any;
  for (let n = 0; n < 3_000; n++) {
    last = await ask(app, 'tasks/get', { taskId }, options);
    if (last.result?.status === status) return last.result;
    await delay(10);
  }
  throw new Error(`Waited for ${status}: ${JSON.stringify(last)}`);
}

/** Answers every open question of a task alike. */
export async function answerAll(app: Pick<TestApp, 'post'>, task: any, answer: unknown = ANSWER) {
  const keys = Object.keys(task.inputRequests);
  const inputResponses = Object.fromEntries(keys.map((key) => [key, answer]));
  return ask(app, 'tasks/update', { taskId: task.taskId, inputResponses });
}
