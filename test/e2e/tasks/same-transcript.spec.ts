import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  InMemoryTaskAdapter,
  McpError,
  McpTool,
  MemoryStore,
  MemoryStoreData,
  type McpContext,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { ask, call, FORM, startTasks } from './support.js';

/** Steps of a handler, one after the other. */
type Step =
  | { readonly kind: 'once'; readonly key: string; readonly fails?: boolean }
  | { readonly kind: 'elicit' | 'both'; readonly key: string }
  | { readonly kind: 'progress'; readonly n: number }
  | { readonly kind: 'fail'; readonly how: 'error' | 'protocol' };

const INPUT = { type: 'object', properties: { id: { type: 'string' }, program: { type: 'array' } } };

/** Blocks that have run, by the id of their call: a second time is a fault. */
const ran = new Map<string, string[]>();

interface Args {
  readonly id: string;
  readonly program: readonly Step[];
}

@Injectable()
class Tools {
  @McpTool({ name: 'call', input: INPUT, annotations: { idempotentHint: true } })
  call(args: Args, ctx: McpContext) {
    return this.#run(args, ctx);
  }

  @McpTool({ name: 'task', input: INPUT, task: { mode: 'required', restartable: true } })
  task(args: Args, ctx: McpContext) {
    return this.#run(args, ctx);
  }

  async #run({ id, program }: Args, ctx: McpContext): Promise<string> {
    const said: unknown[] = [];
    for (const step of program) {
      if (step.kind === 'progress') await ctx.progress(step.n);
      else if (step.kind === 'once') said.push(await this.#once(id, step, ctx));
      else if (step.kind === 'fail') {
        if (step.how === 'protocol') throw new McpError(-32603, `Failed after ${JSON.stringify(said)}`);
        return JSON.stringify([...said, 'gave up']);
      } else {
        const keys = step.kind === 'both' ? [step.key, `${step.key}_too`] : [step.key];
        const answers = await Promise.all(
          keys.map((key) => ctx.elicit({ message: `${key}?`, schema: FORM, key })),
        );
        said.push(answers.map(({ action, content }) => [action, content]));
      }
    }
    return JSON.stringify(said);
  }

  async #once(id: string, { key, fails }: Extract<Step, { kind: 'once' }>, ctx: McpContext) {
    const work = () => {
      ran.set(id, [...(ran.get(id) ?? []), key]);
      if (fails) throw new Error(`${key} failed`);
      return { key, at: (ran.get(id) as string[]).length };
    };
    return ctx.once(key, work).catch((error: Error) => error.message);
  }
}

/** Numbers that look random, the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function programOf(seed: number): Step[] {
  const next = random(seed);
  const steps = Array.from({ length: 2 + next(6) }, (_, n): Step => {
    const key = `k${n}`;
    const kind = next(5);
    if (kind === 0) return { kind: 'progress', n: n + 1 };
    if (kind <= 2) return { kind: 'once', key, fails: next(4) === 0 };
    return { kind: kind === 3 ? 'elicit' : 'both', key };
  });
  const end = next(4);
  return end > 1 ? steps : [...steps, { kind: 'fail', how: end === 0 ? 'error' : 'protocol' }];
}

/** Answers of the user, by whichever way the question comes. */
function answerTo(message: string) {
  const name = message.replace('?', '');
  return name.length % 2 === 0 ? { action: 'accept', content: { name } } : { action: 'decline' };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof startTasks>[1]): Promise<TestApp> {
  const app = await startTasks([Tools], { requestStateSecret: 'x'.repeat(32), ...options });
  closing.push(() => app.close());
  return app;
}

/** Outcome of a call in words. */
const outcomeOf = ({ result, error }: any) => (error ? `error ${error.message}` : result.content[0].text);

/** By an official client, which is asked in the way of its revision. */
async function byClient(app: TestApp, args: Args, options: object): Promise<string> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { capabilities: { elicitation: {} }, ...options },
  );
  client.setRequestHandler(
    'elicitation/create',
    async ({ params }: any) => answerTo(params.message) as never,
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(app.url)));
  try {
    return outcomeOf({ result: await client.callTool({ name: 'call', arguments: { ...args } }) });
  } catch (error) {
    return `error ${(error as Error).message.replace(/^MCP error -?\d+: /, '')}`;
  } finally {
    await client.close();
  }
}

const MODERN = { versionNegotiation: { mode: 'auto' } };

/** As a task, which is moved to another instance whenever it has asked, if there is another. */
async function byTask(apps: readonly TestApp[], args: Args): Promise<string> {
  const left = [...apps];
  const { taskId } = (await call(left[0] as TestApp, 'task', args)).result;
  const answered = new Set<string>();
  for (;;) {
    const [app] = left as [TestApp];
    const { result: task } = await ask(app, 'tasks/get', { taskId });
    if (task.status === 'completed') return outcomeOf(task);
    if (task.status === 'failed') return outcomeOf(task);
    if (task.status !== 'input_required') continue;
    const open = Object.entries<any>(task.inputRequests).filter(([key]) => !answered.has(key));
    if (left.length > 1) {
      await app.close();
      left.shift();
    }
    for (const [key, { params }] of open) {
      answered.add(key);
      const inputResponses = { [key]: answerTo(params.message) };
      await ask(left[0] as TestApp, 'tasks/update', { taskId, inputResponses });
    }
  }
}

describe('the same handler', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'says the same as a call and as a task, moved or not: program %i',
    async (seed) => {
      const program = programOf(seed);
      const data = () => new MemoryStoreData();
      const pushing = await start({
        store: new MemoryStore(data()),
        sessionAdapter: new InMemorySessionAdapter(),
        clientRequestAdapter: new InMemoryClientRequestAdapter(),
      });
      const replaying = await start({ tasks: new InMemoryTaskAdapter() });
      const shared = data();
      const moving: TestApp[] = [];
      for (let n = 0; n < 4; n++) moving.push(await start({ store: new MemoryStore(shared) }));
      const ways: Record<string, (args: Args) => Promise<string>> = {
        pushed: (args) => byClient(pushing, args, {}),
        parked: (args) => byClient(pushing, args, MODERN),
        replayed: (args) => byClient(replaying, args, MODERN),
        task: (args) => byTask([pushing], args),
        moved: (args) => byTask(moving, args),
      };
      const outcomes: Record<string, string> = {};
      for (const [way, run] of Object.entries(ways)) {
        const id = `${seed} ${way}`;
        outcomes[way] = await run({ id, program });
        const blocks = ran.get(id) ?? [];
        expect({ way, blocks }).toEqual({ way, blocks: [...new Set(blocks)] });
      }
      expect(outcomes).toEqual(Object.fromEntries(Object.keys(ways).map((way) => [way, outcomes['pushed']])));
    },
    60_000,
  );
});
