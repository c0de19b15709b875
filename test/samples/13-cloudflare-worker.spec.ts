import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { legacy, modern, createPoster } from '../support/http.js';
import { RawExchange } from '../support/raw-http.js';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const NAME = '13-cloudflare-worker';
const VERSION = { 'mcp-protocol-version': '2025-11-25' };
const BOTH = { accept: 'application/json, text/event-stream' };
const isAll = process.env['TEST_SCOPE'] === 'all';

let sample: RunningProgram;

async function openSession() {
  const post = createPoster(sample.url);
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'test', version: '1.0.0' },
  };
  const opened = await post(legacy('initialize', params), BOTH);
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') as string, ...VERSION };
  return { post, session };
}

const call = (name: string, guests: number) =>
  legacy('tools/call', { name, arguments: { guests }, _meta: { progressToken: 'p' } });

describe.each(['objects', 'kv'])(`sample ${NAME} with its state in %s`, (STATE) => {
  beforeAll(async () => {
    sample = await startSample(NAME, { STATE });
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    expect(await sample?.stop('SIGINT')).toBe(0);
  });

  it('is bundled within 250 kB, for what the runtime has', () => {
    const [, kilobytes] = /([\d.]+) kB of worker/.exec(sample.output()) ?? [];
    expect(Number(kilobytes)).toBeGreaterThan(100);
    expect(Number(kilobytes)).toBeLessThan(250);
    expect(sample.output()).toMatch(/imports (node:\w+)/);
    expect(sample.output()).not.toMatch(/node:(vm|fs|child_process|cluster|worker_threads)\b/);
  });

  it('answers clients of 2026-07-28, and asks them', async () => {
    const post = createPoster(sample.url);
    const params = { name: 'reserve', arguments: { guests: 4 } };
    const capabilities = { elicitation: { form: {} } };
    const asked = (await post(...modern('tools/call', params, { capabilities }))).json.result;
    expect(asked.resultType).toBe('input_required');
    const [key = ''] = Object.keys(asked.inputRequests);
    const inputResponses = { [key]: { action: 'accept', content: { sure: true } } };
    const { requestState } = asked;
    const told = await post(
      ...modern('tools/call', { ...params, inputResponses, requestState }, { capabilities }),
    );
    expect(told.json.result.content[0].text).toBe('A table for 4 is reserved');
  });

  it('keeps sessions that any instance serves, and asks their clients by whichever answers', async () => {
    const { post, session } = await openSession();
    for (const guests of [1, 2, 3, 4, 5, 6]) {
      const reserving = new RawExchange(sample.url, {
        method: 'POST',
        headers: { ...BOTH, ...session },
        body: call('reserve', guests),
      });
      const question = await reserving.message(({ method }) => method === 'elicitation/create');
      const result = { action: 'accept', content: { sure: true } };
      const answered = await post({ jsonrpc: '2.0', id: question.id, result }, { ...BOTH, ...session });
      expect(answered.status).toBe(202);
      const { result: told } = await reserving.message(({ result }) => result !== undefined);
      expect(told.content[0].text).toBe(`A table for ${guests} is reserved`);
    }
  });

  it('goes on with a call whose client has gone, and tells it the rest when it comes back', async () => {
    const { session } = await openSession();
    const preparing = new RawExchange(sample.url, {
      method: 'POST',
      headers: { ...BOTH, ...session },
      body: call('prepare', 8),
    });
    await preparing.message(({ method }) => method === 'notifications/progress');
    const { lastEventId, messages } = preparing;
    preparing.cut();
    const rest = new RawExchange(sample.url, {
      method: 'GET',
      headers: { accept: 'text/event-stream', 'last-event-id': lastEventId as string, ...session },
    });
    const { result } = await rest.message((message) => message.result !== undefined);
    expect(result.content[0].text).toBe('8 places are laid');
    const progress = [...messages, ...rest.messages].flatMap(({ params }) => params?.progress ?? []);
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    rest.cut();
  });

  it('refuses what its schema does', async () => {
    const post = createPoster(sample.url);
    const params = { name: 'reserve', arguments: { guests: 'four' } };
    const { result } = (await post(...modern('tools/call', params))).json;
    expect([result.isError, result.content[0].text]).toEqual([true, expect.stringContaining('guests')]);
  });

  const withClients = isAll ? describe : undefined;
  withClients?.('called by the official clients', () => {
    it.each(['legacy', 'auto'] as const)(
      'asks and is answered: version 2 of the client, %s',
      async (mode) => {
        const client = new Client(
          { name: 'test', version: '1.0.0' },
          { capabilities: { elicitation: {} }, versionNegotiation: { mode } },
        );
        client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { sure: true } }));
        await client.connect(new StreamableHTTPClientTransport(new URL(sample.url)));
        const { content } = await client.callTool({ name: 'reserve', arguments: { guests: 2 } });
        expect(content).toEqual([{ type: 'text', text: 'A table for 2 is reserved' }]);
        await client.close();
      },
    );

    it('asks and is answered: version 1 of the client', async () => {
      const client = new LegacyClient(
        { name: 'test', version: '1.0.0' },
        { capabilities: { elicitation: {} } },
      );
      client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { sure: true } }));
      await client.connect(new LegacyTransport(new URL(sample.url)));
      const { content } = await client.callTool({ name: 'reserve', arguments: { guests: 2 } });
      expect(content).toEqual([{ type: 'text', text: 'A table for 2 is reserved' }]);
      await client.close();
    });
  });
});
