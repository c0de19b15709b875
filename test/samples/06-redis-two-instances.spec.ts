import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provide, startRedis } from '../support/redis.js';
import { runSampleClient, START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const NAME = '06-redis-two-instances';

let sample: RunningProgram;
/** Output of the client, by the number of the step. */
let steps: string[];

beforeAll(async () => {
  provide('redis-server');
  sample = await startSample(NAME);
  const output = await runSampleClient(NAME, { MCP_URL: sample.url });
  steps = output.split(/^(?=\d\. )/m);
}, 2 * START_TIMEOUT_MS);

afterAll(() => sample?.stop());

/** Matches of a pattern in the lines of a step; its numbers are instances. */
function found(step: number, pattern: RegExp): string[] {
  return [...(steps[step - 1] ?? '').matchAll(pattern)].map(([, text = '']) => text);
}

describe(`sample ${NAME}`, () => {
  it('shows a session that is served by one instance and then the other', () => {
    expect(found(1, /instance (\d+) keeps a note/g)).toHaveLength(2);
    const readers = found(1, /instance (\d+) reads the notes: shelf 3 is low, shelf 7 is empty$/gm);
    expect(new Set(readers).size).toBe(2);
  });

  it('shows a stream that loses nothing when the instance that carries it dies', () => {
    const [runner] = found(2, /instance (\d+) counts/g);
    const [killed] = found(2, /instance (\d+) is killed/g);
    expect(killed).toMatch(/^\d+$/);
    expect(killed).not.toBe(runner);
    expect(found(2, /instance (\d+) brings the result: 40 shelves counted$/gm)).not.toContain(killed);
    expect(steps[1]).toContain('the client heard of shelves 1 to 40, each once');
  });

  it('shows a call that fails, and a session that does not, when the instance that asks dies', () => {
    expect(steps[2]).toContain('the user is asked: How many of paper?');
    expect(steps[2]).toMatch(
      /the call fails, [\d.]+ s after that: The instance that served the request is gone$/m,
    );
    expect(steps[2]).toContain('the session goes on, its notes are: paper is needed');
  });

  it('shows a parked call that is run again where that does no harm, and not where it might', () => {
    expect(steps[3]).toContain('all instances live: 12 paper ordered');
    expect(steps[3]).toContain('one died, but the tool is read-only: 12 paper: 60 euros');
    expect(steps[3]).toMatch(/one died, and the tool must not run twice: The call .* is over/);
    expect(found(4, /(the user is asked)/g)).toHaveLength(3);
  });

  it('shows a deployment that no client notices', () => {
    expect(steps[4]).toContain('the call that ran meanwhile: 40 shelves counted');
    const [replaced = ''] = found(5, /instances (\d+ and \d+) gave way/g);
    const readers = found(5, /instance (\d+) reads the notes: made before the deployment$/gm);
    expect(new Set(readers).size).toBe(2);
    expect(replaced.split(' and ').filter((old) => readers.includes(old))).toEqual([]);
    for (const old of replaced.split(' and '))
      expect(sample.output()).toContain(`Instance ${old} gets SIGTERM`);
  });
});

it(
  `sample ${NAME} uses the Redis that it is given, and ends in order`,
  async () => {
    const redis = await startRedis();
    const given = await startSample(NAME, { REDIS_URL: redis.url });
    expect(given.output()).toContain(`Redis at ${redis.url}\n`);
    expect(await given.stop('SIGINT')).toBe(0);
    expect(redis.cli('PING')).toBe('PONG');
    await redis.dispose();
  },
  START_TIMEOUT_MS,
);

it(
  `sample ${NAME} says what to do when there is no Redis`,
  async () => {
    const empty = await mkdtemp(join(tmpdir(), 'no-redis-'));
    const start = startSample(NAME, { PATH: empty, REDIS_URL: '' });
    await expect(start).rejects.toThrow(/set REDIS_URL[^]*apt-get install redis-server/);
    await rm(empty, { recursive: true });
  },
  START_TIMEOUT_MS,
);
