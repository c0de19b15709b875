import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

let directory: string;
let first: RunningProgram;
let second: RunningProgram;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sample-07-'));
  first = await startSample('07-writing-an-adapter', { DIRECTORY: directory });
  second = await startSample('07-writing-an-adapter', { DIRECTORY: directory });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  await rm(directory, { recursive: true, force: true });
});

/** A client with a session, whose requests go to the first process or to the second, as `choose` says. */
async function connect(choose: (body: string) => RunningProgram) {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'legacy' } },
  );
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { sure: true } }));
  const transport = new StreamableHTTPClientTransport(new URL(first.url), {
    fetch: (_url, init) => fetch(choose(typeof init?.body === 'string' ? init.body : '').url, init),
  });
  await client.connect(transport);
  return { client, transport };
}

describe('sample 07-writing-an-adapter', () => {
  it('serves a session from two processes that share a directory', async () => {
    let turn = 0;
    const { client, transport } = await connect(() => (turn++ % 2 === 0 ? first : second));
    for (const text of ['buy bread', 'call Ada', 'rest']) {
      await client.callTool({ name: 'add_task', arguments: { text } });
    }
    const { structuredContent } = await client.callTool({ name: 'list_tasks' });
    expect(structuredContent).toEqual({ tasks: ['buy bread', 'call Ada', 'rest'] });
    await transport.terminateSession();
    await client.close();
  });

  it('takes the answer to a question of the one process at the other', async () => {
    const { client, transport } = await connect((body) => (body.includes('"result"') ? second : first));
    await client.callTool({ name: 'add_task', arguments: { text: 'forget this' } });
    const steps: (string | undefined)[] = [];
    const { content } = await client.callTool(
      { name: 'clear_tasks' },
      { onprogress: ({ message }) => void steps.push(message) },
    );
    expect(content).toEqual([{ type: 'text', text: '1 tasks forgotten' }]);
    expect(steps).toEqual(['forget this']);
    await transport.terminateSession();
    await client.close();
  });

  it('leaves no file of a session that was ended, nor of a question', async () => {
    const { client, transport } = await connect(() => second);
    await client.callTool({ name: 'add_task', arguments: { text: 'anything' } });
    expect(await sessionFiles()).not.toEqual([]);
    await transport.terminateSession();
    await client.close();
    expect(await sessionFiles()).toEqual([]);
    expect(await readdir(join(directory, 'questions'))).toEqual([]);
  });

  /** Files besides the leases of the processes. */
  async function sessionFiles(): Promise<string[]> {
    const files = await readdir(join(directory, 'sessions'));
    return files.filter((file) => !file.startsWith('instance-'));
  }
});
