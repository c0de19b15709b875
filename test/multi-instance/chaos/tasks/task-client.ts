import { modern } from '../../../support/http.js';
import { exchange } from '../clients/exchange.js';
import { pause } from '../clients/pause.js';
import type { Random } from '../plan/random.js';
import { FINAL, type TaskHistory, type TaskRecord, type TaskTool } from './task-history.js';

/** Longest that a task may have nothing new to tell while the system is whole: a lease, an outage seen, and the work. */
const PATIENCE_MS = 30_000;

/** How long a client waits for an answer of a server that may be stuck with a store that is away. */
const REQUEST_MS = 15_000;

const CAPABLE = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };

const TOOLS: readonly TaskTool[] = ['steps', 'steps', 'steps', 'plain', 'late', 'job', 'job'];

export interface TaskWorld {
  /** The MCP endpoint. */
  readonly url: string;
  readonly history: TaskHistory;
  readonly random: Random;
  /** Aborted when no more tasks are to be made. */
  readonly stop: AbortSignal;
}

/** Makes one task after the other, answers what they ask and cancels some, until each of them has ended. */
export class TaskClient {
  #count = 0;

  constructor(
    private readonly world: TaskWorld,
    private readonly name: string,
  ) {}

  async work(): Promise<void> {
    const { stop, random } = this.world;
    while (!stop.aborted) {
      const task = await this.#create();
      if (task.taskId === undefined) await pause(random, 100, 500, stop);
      else await this.#follow(task);
    }
  }

  async #create(): Promise<TaskRecord> {
    const { history, random } = this.world;
    const task: TaskRecord = {
      mark: `${this.name}/${++this.#count}`,
      tool: random.pick(TOOLS),
      retry: random.chance(0.4),
      startedAt: Date.now(),
      seen: [],
      answers: new Map(),
    };
    history.tasks.push(task);
    const { mark, retry } = task;
    const work = { mark, retry, steps: random.between(1, 5), paceMs: random.between(0, 250) };
    const answer = await this.#ask('tools/call', { name: task.tool, arguments: work });
    if (answer?.result?.resultType === 'task') task.taskId = answer.result.taskId as string;
    else if (answer?.result && task.tool !== 'late')
      history.incidents.push(`no task: ${task.tool} ${mark} was answered ${JSON.stringify(answer)}`);
    return task;
  }

  async #follow(task: TaskRecord): Promise<void> {
    const { history, random } = this.world;
    const cancelAt = random.chance(0.2) ? Date.now() + random.between(0, 2_500) : Infinity;
    let newAt = Date.now();
    for (;;) {
      const isNew = await this.look(task);
      const last = task.seen.at(-1);
      if (last && FINAL.includes(last.status)) break;
      if (isNew) newAt = Date.now();
      if (history.outages.waited(newAt, Date.now()) > PATIENCE_MS) {
        history.incidents.push(`no end: ${task.tool} ${task.mark} (${task.taskId}) stays ${last?.text}`);
        return;
      }
      const isToCancel = Date.now() >= cancelAt && task.cancelAckedAt === undefined;
      // An answer and a cancellation may meet.
      await Promise.all([last && this.#answer(task, last.text), isToCancel && this.#cancel(task)]);
      await pause(random, 20, 250);
    }
    for (let n = 0; n < 3; n++) {
      await this.look(task);
      await pause(random, 10, 100);
    }
  }

  /** Reads a task, at any instance. @returns whether its state is another than the last */
  async look(task: TaskRecord): Promise<boolean> {
    const askedAt = Date.now();
    const answer = await this.#ask('tasks/get', { taskId: task.taskId });
    const { history } = this.world;
    if (answer?.error?.code === -32602)
      history.incidents.push(`lost: ${task.tool} ${task.mark} (${task.taskId}) is unknown`);
    const state = answer?.result;
    if (!state) return false;
    const text = JSON.stringify(state);
    const isNew = task.seen.at(-1)?.text !== text;
    const { status, statusMessage } = state;
    task.seen.push({ askedAt, at: Date.now(), status, statusMessage, text });
    return isNew;
  }

  /** Cancels a task of which only the id is known. */
  async end(taskId: string): Promise<void> {
    while (!(await this.#ask('tasks/cancel', { taskId }))) await pause(this.world.random, 50, 200);
  }

  async #answer(task: TaskRecord, text: string): Promise<void> {
    const { inputRequests = {} } = JSON.parse(text) as { inputRequests?: object };
    const open = Object.keys(inputRequests).filter((key) => task.answers.get(key)?.ackedAt === undefined);
    if (open.length === 0) return;
    const inputResponses = Object.fromEntries(
      open.map((key) => {
        const given = task.answers.get(key) ?? { tokens: [] };
        const token = `${task.mark} ${key} ${given.tokens.length}`;
        given.tokens.push(token);
        task.answers.set(key, given);
        return [key, { action: 'accept', content: { token } }];
      }),
    );
    const answer = await this.#ask('tasks/update', { taskId: task.taskId, inputResponses });
    if (!answer?.result) return;
    for (const key of open) (task.answers.get(key) as { ackedAt?: number }).ackedAt = Date.now();
  }

  async #cancel(task: TaskRecord): Promise<void> {
    task.cancelledAt ??= Date.now();
    const answer = await this.#ask('tasks/cancel', { taskId: task.taskId });
    if (answer?.result) task.cancelAckedAt = Date.now();
  }

  /** @returns the response; `undefined` where none came, or the server was not there for it */
  async #ask(method: string, params: Record<string, unknown>): Promise<any> {
    const { url, history } = this.world;
    history.requests++;
    const [body, headers] = modern(method, params, { capabilities: CAPABLE });
    const { taskId } = params;
    const named = typeof taskId === 'string' ? { 'mcp-name': taskId } : {};
    const sent = {
      method: 'POST',
      body,
      headers: { ...headers, ...named, 'x-user': 'ada' },
      signal: AbortSignal.timeout(REQUEST_MS),
    } as const;
    const answer = await exchange(url, sent).catch(() => undefined);
    if (!answer || answer.status === 503) return undefined;
    if (answer.events) return this.#lastOf(answer.events);
    const response: any = JSON.parse(answer.text);
    if (response.error && response.error.code !== -32602)
      history.incidents.push(`error: ${method} was answered ${answer.status} ${answer.text}`);
    return response;
  }

  async #lastOf(events: AsyncIterable<{ readonly data: string }>): Promise<any> {
    let last: any;
    try {
      for await (const { data } of events) if (data !== '') last = JSON.parse(data);
    } catch {
      return undefined;
    }
    return last;
  }
}
