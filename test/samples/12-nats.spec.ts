import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createPoster, modern } from '../support/http.js';
import { startNats, type NatsServer } from '../support/nats.js';
import { freePort } from '../support/redis.js';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const NAME = '12-nats';

let nats: NatsServer;
let monitor: string;
let sample: RunningProgram;

beforeAll(async () => {
  const port = await freePort();
  monitor = `http://127.0.0.1:${port}`;
  nats = await startNats({ config: `http: "127.0.0.1:${port}"` });
  sample = await startSample(NAME, { NATS_URL: nats.url });
}, START_TIMEOUT_MS);

afterAll(async () => {
  expect(await sample?.stop('SIGINT')).toBe(0);
  await nats?.dispose();
});

async function connectClient() {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'legacy' } },
  );
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { sure: true } }));
  await client.connect(new StreamableHTTPClientTransport(new URL(sample.url)));
  const call = async (name: string, args = {}) => {
    const { content } = await client.callTool({ name, arguments: args });
    return content;
  };
  return { client, call };
}

const TASK_CAPABLE = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

describe(`sample ${NAME}`, () => {
  it('asks, has the work done by a worker, and keeps the session, all over NATS', async () => {
    const { client, call } = await connectClient();
    const printed = await call('print', { text: 'fragile', copies: 3 });
    expect(printed).toEqual([{ type: 'text', text: '3 labels "fragile" printed' }]);
    // The worker answers and reports in no order.
    const expected = [{ type: 'text', text: '3 labels, 97 sheets left' }];
    while (!isDeepStrictEqual(await call('printed'), expected)) await delay(20);
    await client.close();
  });

  it('hands a task over to the worker, which reports and completes it', async () => {
    const ask = async (method: string, params: Record<string, unknown>) => {
      const request = modern(method, params, { capabilities: TASK_CAPABLE });
      return (await createPoster(sample.url)(...request)).json.result;
    };
    const { taskId } = await ask('tools/call', { name: 'print_roll', arguments: { text: 'heavy' } });
    const seen = new Set<string>();
    for (;;) {
      const task = await ask('tasks/get', { taskId });
      if (task.status === 'completed') {
        expect(task.result.content).toEqual([{ type: 'text', text: 'A roll of labels "heavy" printed' }]);
        break;
      }
      expect(task.status).toBe('working');
      if (task.statusMessage) seen.add(task.statusMessage);
      await delay(10);
    }
    expect([...seen].every((message) => /^\d+ of 20 labels$/.test(message))).toBe(true);
    expect(seen.size).toBeGreaterThan(0);
  });

  it('has one connection for the microservice and the sessions', async () => {
    const { connections } = (await (await fetch(`${monitor}/connz`)).json()) as {
      connections: { name: string }[];
    };
    expect(connections.map(({ name }) => name).toSorted()).toEqual(['main', 'worker']);
  });

  it('answers other services, as a microservice does', async () => {
    const other = await connect({ servers: nats.url });
    const answer = await other.request('labels.has_paper', JSON.stringify({ id: '1', data: {} }));
    expect(answer.json()).toMatchObject({ response: true });
    await other.close();
  });
});

it(
  `sample ${NAME} starts a NATS of its own where none is given`,
  async () => {
    const own = await startSample(NAME);
    expect(own.output()).toMatch(/^NATS at nats:\/\/127\.0\.0\.1:\d+$/m);
    expect(await own.stop('SIGINT')).toBe(0);
  },
  START_TIMEOUT_MS,
);
