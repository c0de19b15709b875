import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { McpModule, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../support/app.js';
import { coverageOf } from './coverage.js';
import { Handlers, primitivesOf } from './fixture.js';
import { programs, runProgram } from './program.js';
import {
  differenceOf,
  isRecording,
  readRecording,
  writeRecording,
  type Recording,
  type RecordingName,
} from './recording.js';
import { stores, type SharedState } from './stores.js';
import type { Step } from './transcript.js';

/** Until a test is given up: beyond what a busy machine needs. */
const TIMEOUT_MS = 300_000;

/** Programs that waited in vain, after which no more are tried. */
const MOST_STUCK = 3;

const silent = { log() {}, warn() {}, error() {} };

/** Instances of one server, which have nothing in common but their state. */
function startInstances(platform: Platform, states: readonly McpModuleOptions[]): Promise<TestApp[]> {
  const provider = primitivesOf(new Handlers());
  return Promise.all(
    states.map((options) =>
      startApp({
        platform,
        // Programs say what goes against the specification, often so that the server takes it.
        wire: false,
        imports: [
          McpModule.forRoot({
            serverInfo: { name: 'transcripts', version: '1.0.0' },
            instructions: 'Say what you hear',
            requestStateSecret: 'the same for all instances, and long enough',
            pageSize: 7,
            capabilities: { tools: {}, prompts: {}, resources: {} },
            keepAliveMs: 600_000,
            logger: silent,
            ...options,
          }),
        ],
        providers: [provider],
      }),
    ),
  );
}

/** Runs every program, and records what came back or compares it with what was recorded. */
async function replay(name: RecordingName, apps: readonly TestApp[], records: boolean): Promise<void> {
  const urls = apps.map(({ url }) => url);
  const now = new Map<string, readonly Step[]>();
  const recorded: Recording = records ? now : readRecording(name);
  const differences: string[] = [];
  let stuck = 0;
  for (const program of programs) {
    if (stuck === MOST_STUCK) break;
    const { steps, failure } = await runProgram(program, urls, name === 'sessions');
    now.set(program.title, steps);
    if (failure !== undefined) stuck++;
    const difference = differenceOf(recorded.get(program.title) ?? [], steps);
    if (failure !== undefined || difference !== undefined)
      differences.push([`Program ${program.title}`, failure, difference].filter(Boolean).join(', '));
  }
  if (differences.length > 0) {
    const count = `${differences.length} of ${programs.length} programs differ from what was recorded.`;
    throw new Error([count, ...differences.slice(0, 3)].join('\n\n'));
  }
  if (records) writeRecording(name, now);
}

describe('without state', () => {
  describe.each(PLATFORMS)('on %s', (platform) => {
    let apps: TestApp[];

    beforeAll(async () => {
      apps = await startInstances(platform, [{}]);
    });
    afterAll(() => Promise.all(apps.map((app) => app.close())));

    it(
      'answers every program as it did',
      () => replay('stateless', apps, isRecording && platform === 'express'),
      TIMEOUT_MS,
    );
  });
});

/** Each store with each platform and each number of instances. */
const setUps = Object.keys(stores).flatMap((store): [string, number, Platform][] => [
  [store, 1, 'express'],
  [store, 2, 'fastify'],
]);

describe.each(setUps)('with state in %s, on %d instances, on %s', (store, count, platform) => {
  let state: SharedState;
  let apps: TestApp[];

  beforeAll(async () => {
    state = await stores[store]!();
    const options = Array.from({ length: count }, () => state.options());
    apps = await startInstances(platform, options);
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await state.dispose();
  });

  it(
    'answers every program as it did',
    () => replay('sessions', apps, isRecording && store === 'memory' && count === 1),
    TIMEOUT_MS,
  );
});

const covered = isRecording ? [] : combinations();

it(`${covered.length} combinations of method, revision and outcome are recorded`, () => {
  const now = combinations();
  if (process.env['PRINT_COVERAGE']) process.stderr.write(`${now.join('\n')}\n${now.length}\n`);
  expect(now.length).toBeGreaterThan(400);
});

function combinations(): string[] {
  const names: readonly RecordingName[] = ['stateless', 'sessions'];
  return names
    .flatMap((name) => [...coverageOf(readRecording(name))].map((one) => `${name} · ${one}`))
    .toSorted();
}
