import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres } from '../support/postgres.js';
import { runSampleClient, START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const NAME = '10-postgres';

let sample: RunningProgram;
/** Output of the client, by the number of the step. */
let steps: string[];

beforeAll(async () => {
  sample = await startSample(NAME);
  const urls = sample.output().match(/http:\/\/127\.0\.0\.1:\d+\/mcp/g) ?? [];
  expect(urls).toHaveLength(2);
  const output = await runSampleClient(NAME, { MCP_URLS: urls.join() });
  steps = output.split(/^(?=\d\. )/m);
}, 2 * START_TIMEOUT_MS);

afterAll(async () => {
  expect(await sample?.stop('SIGINT')).toBe(0);
});

/** Matches of a pattern in the lines of a step. */
function found(step: number, pattern: RegExp): string[] {
  return [...(steps[step - 1] ?? '').matchAll(pattern)].map(([, text = '']) => text);
}

describe(`sample ${NAME}`, () => {
  it('shows a question of one instance that is answered at the other', () => {
    const [asking] = found(1, /instance (\d) asks: Who stays in room 2 on \d{4}-\d\d-\d\d\?$/gm);
    const [answered] = found(1, /instance (\d) got the answer: room 2 is booked for Ada$/gm);
    expect([asking, answered].toSorted()).toEqual(['1', '2']);
  });

  it('shows a session, and tables of the application, that both instances know', () => {
    const session = found(2, /instance (\d) knows the session: room 2 on \d{4}-\d\d-\d\d$/gm);
    expect(session.toSorted()).toEqual(['1', '2']);
    const tables = found(2, /instance (\d) looks into the tables: rooms 1, 3, 4, 5$/gm);
    expect(tables.toSorted()).toEqual(['1', '2']);
  });

  it('shows a session that goes on when an instance is killed', () => {
    expect(steps[2]).toContain('instance 1 is killed');
    expect(found(3, /goes on with the session: (room 2 on) \d{4}-\d\d-\d\d$/gm)).toHaveLength(2);
  });
});

it(
  `sample ${NAME} uses the Postgres that it is given, and its tables a second time`,
  async () => {
    const postgres = await startPostgres();
    for (let times = 1; times <= 2; times++) {
      const given = await startSample(NAME, { DATABASE_URL: postgres.url });
      expect(given.output()).toContain(`Postgres at ${postgres.url}\n`);
      expect(await given.stop('SIGINT')).toBe(0);
    }
    const tables = await postgres.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const names = tables.map(({ name }) => name);
    expect(names).toContain('booking');
    expect(names.filter((name) => name.startsWith('mcp_')).length).toBeGreaterThan(1);
    await postgres.dispose();
  },
  2 * START_TIMEOUT_MS,
);
