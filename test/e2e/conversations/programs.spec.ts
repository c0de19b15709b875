import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  InMemoryClientRequestAdapter,
  StreamableHttpTransport,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, sampled, startScripted, until } from './fixture.js';
import { programs, runProgram } from './programs.js';
import { DistantAdapter } from './two-instances.js';
import { converse, converseModern, startWorld, type Answerer, type Event } from './worlds.js';

const requestStateSecret = 'shared by all of them, and long enough';
const done: string[] = [];
let pushed: TestApp;
let parked: TestApp;
let replayed: TestApp;
/** Two that share an adapter, and two that do not. */
let distant: TestApp[];
let strangers: TestApp[];

const setup = (mcp: McpModuleOptions = {}) => ({
  tools: { run: async (ctx: any, { program }: any) => runProgram(program, ctx, (what) => done.push(what)) },
  options: { run: { input: { type: 'object' as const }, annotations: { idempotentHint: true } } },
  mcp: { requestStateSecret, logger: { log() {}, warn() {}, error() {} }, ...mcp },
});

beforeAll(async () => {
  const store = new InMemoryClientRequestAdapter();
  const start = (clientRequestAdapter: NonNullable<McpModuleOptions['clientRequestAdapter']>) =>
    startScripted(setup({ clientRequestAdapter }));
  pushed = await startWorld('pushed', setup());
  parked = await startWorld('parked', setup());
  replayed = await startWorld('replayed', setup());
  distant = [await start(new DistantAdapter(store, 2)), await start(new DistantAdapter(store, 2))];
  strangers = [
    await start(new InMemoryClientRequestAdapter()),
    await start(new InMemoryClientRequestAdapter()),
  ];
});

afterAll(() => Promise.all([pushed, parked, replayed, ...distant, ...strangers].map((app) => app.close())));

const ACTIONS = [
  accept({ name: 'Ada' }),
  accept({ name: 5 }),
  { action: 'decline' },
  { action: 'cancel' },
] as const;

/** Answers a question by its number; some only when they are asked for the second time. */
function answerer(choices: readonly number[], late: readonly number[]): Answerer {
  const open = new Set(late);
  return (method, params) => {
    if (method === 'roots/list') return { roots: [{ uri: 'file:///a' }] };
    const text = params.message ?? params.messages[0].content.text;
    const number = Number(text.split(' ')[1]);
    if (open.delete(number)) return undefined;
    return method === 'sampling/createMessage'
      ? sampled(`said ${number}`)
      : ACTIONS[choices[number % choices.length]!];
  };
}

/** Questions of one turn have no order among them. */
function inOrder(events: Event[]): unknown[] {
  const groups: unknown[] = [];
  let asked: string[] = [];
  for (const event of [...events, undefined]) {
    if (event && 'asked' in event) {
      asked.push(JSON.stringify(event));
      continue;
    }
    groups.push(...asked.toSorted(), ...(event ? [event] : []));
    asked = [];
  }
  return groups;
}

it('every program gives the same transcript and does the same, however its answers travel', async () => {
  const choices = fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 3)), {
    minLength: 1,
    maxLength: 6,
  });
  const cases = fc.record({
    program: programs,
    choices,
    late: fc.subarray([0, 1, 2, 3, 4, 5]),
    route: fc.infiniteStream(fc.boolean()),
  });
  const hold = async (talk: () => Promise<Event[]>) => {
    done.length = 0;
    const seen = inOrder(await talk());
    return { seen, did: done.toSorted() };
  };
  await fc.assert(
    fc.asyncProperty(cases, async ({ program, choices: chosen, late, route }) => {
      const subject = { params: { name: 'run', arguments: { program } } };
      const either =
        ([one, other]: TestApp[]) =>
        () =>
          (route.next().value ? one! : other!).url;
      const answer = () => answerer(chosen, late);
      const expected = await hold(() => converse(pushed, 'pushed', subject, answerer(chosen, [])));
      expect(await hold(() => converse(parked, 'parked', subject, answer()))).toEqual(expected);
      expect(await hold(() => converse(replayed, 'replayed', subject, answer()))).toEqual(expected);
      expect(await hold(() => converseModern(either(distant), subject, answer()))).toEqual(expected);
      expect(await hold(() => converseModern(either(strangers), subject, answer()))).toEqual(expected);
    }),
    { numRuns: 60, interruptAfterTimeLimit: 25_000 },
  );
  for (const app of [parked, replayed, ...distant]) {
    const transport = app.app.get(StreamableHttpTransport, { strict: false });
    // The program at which the time was over comes to its end first.
    await until(() => transport.stats().requests + transport.stats().parkedCalls === 0);
  }
}, 90_000);
