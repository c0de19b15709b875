import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

type Answer = { action: string; content?: Record<string, unknown> };

let sample: RunningProgram;
let stateless: RunningProgram;

beforeAll(async () => {
  sample = await startSample('05-asking-the-client');
  stateless = await startSample('05-asking-the-client', { STATELESS: '1' });
}, START_TIMEOUT_MS);

afterAll(() => Promise.all([sample?.stop(), stateless?.stop()]));

/** Books a trip with a client that gives these answers; returns the text of the result and the questions. */
async function book(url: string, mode: 'legacy' | 'auto', destination: string, answers: Answer[]) {
  const asked: string[] = [];
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode } },
  );
  client.setRequestHandler('elicitation/create', ({ params }: any) => {
    asked.push(params.message);
    return answers[asked.length - 1] as any;
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const { content, isError } = await client.callTool({ name: 'book_trip', arguments: { destination } });
  await client.close();
  return { text: (content as any)[0].text as string, asked, isError };
}

const ada = { action: 'accept', content: { name: 'Ada', place: 'window' } };
const confirmed = { action: 'accept', content: { confirmed: true } };

describe.each([
  ['a legacy client', 'legacy', () => sample],
  ['a modern client', 'auto', () => sample],
  ['a modern client, with nothing kept', 'auto', () => stateless],
] as const)('sample 05-asking-the-client for %s', (_, mode, program) => {
  const held = (destination: string) => program().output().split(`to ${destination} is held`).length - 1;

  it('books what the user has entered and confirmed, and holds one seat for it', async () => {
    const destination = `Lisbon ${mode}`;
    const { text, asked } = await book(program().url, mode, destination, [ada, confirmed]);
    const seat = /Seat (\d+A)/.exec(text)?.[1];
    expect(text).toBe(`Seat ${seat} to ${destination} is booked for Ada`);
    expect(asked).toEqual([
      `Who travels to ${destination}?`,
      `Seat ${seat} (window) for Ada costs ${20 + destination.length} euros. Book it?`,
    ]);
    expect(held(destination)).toBe(1);
  });

  it('gives the seat back when the user does not want it', async () => {
    const first = await book(program().url, mode, 'Porto', [{ action: 'decline' }]);
    expect(first).toMatchObject({ text: 'Nothing was booked', asked: ['Who travels to Porto?'] });
    const declined = { action: 'accept', content: { confirmed: false } };
    const second = await book(program().url, mode, 'Faro', [ada, declined]);
    expect(second.text).toBe('Nothing was booked');
  });
});

it('sample 05-asking-the-client tells a legacy client what is missing when nothing is kept', async () => {
  const { text, isError } = await book(stateless.url, 'legacy', 'Braga', []);
  expect(isError).toBe(true);
  expect(text).not.toContain('booked');
});

it('sample 05-asking-the-client frees the seat when its client cannot be asked', async () => {
  const client = new Client({ name: 'mute', version: '1.0.0' }, { versionNegotiation: { mode: 'legacy' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(sample.url)));
  const { isError } = await client.callTool({ name: 'book_trip', arguments: { destination: 'Evora' } });
  await client.close();
  expect(isError).toBe(true);
  const [, seat = ''] = /Seat (\d+A) to Evora is held/.exec(sample.output()) ?? [];
  expect(sample.output()).toContain(`Seat ${seat} is free again`);
});
