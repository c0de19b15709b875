import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runSampleClient, START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const NAME = '11-tasks';

let sample: RunningProgram;
/** Output of the client, by the number of the step. */
let steps: string[];

beforeAll(async () => {
  sample = await startSample(NAME);
  const urls = sample.output().match(/http:\/\/127\.0\.0\.1:\d+\/mcp/g) ?? [];
  expect(urls).toHaveLength(2);
  const output = await runSampleClient(NAME, { MCP_URLS: urls.join(), CHAPTER_MS: '1000' });
  steps = output.split(/^(?=\d\. )/m);
}, 2 * START_TIMEOUT_MS);

afterAll(async () => {
  expect(await sample?.stop('SIGINT')).toBe(0);
});

describe(`sample ${NAME}`, () => {
  it('shows a report that another process goes on with when its writer is killed', () => {
    const [, killed] = /process (\d+) is killed/.exec(steps[0] as string) ?? [];
    const writers = [...(steps[0] as string).matchAll(/^ {3}\d\. Tides, by process (\d+)$/gm)].map(
      ([, by]) => by,
    );
    expect(writers).toHaveLength(4);
    expect(writers.slice(0, 2)).toEqual([killed, killed]);
    expect(writers.slice(2)).not.toContain(killed);
    expect(steps[0]?.match(/asked:/g)).toHaveLength(1);
    expect(steps[0]).toContain('# On Tides');
  });

  it('shows a report that a worker prints, with an answer of the user', () => {
    expect(steps[1]).toContain('printed: {"pages":3,"paper":"A4"}');
  });

  it('shows a list that the model carries', () => {
    expect(steps[2]?.match(/https:\/\/\w+\.example/g)).toHaveLength(3);
  });
});
