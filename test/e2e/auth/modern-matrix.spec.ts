import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StreamableHttpTransport, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { modern } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { ALL_CAPABILITIES, ModernClient } from '../../support/modern-client.js';
import { textOf } from '../sessions/fixture.js';
import { ALICE, headersOf, STRANGERS } from './cast.js';
import { TestIssuer } from './issuer.js';
import { startStage, WORLDS, type Stage, type World } from './worlds.js';

const YES = { action: 'accept', content: { name: 'x' } };

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

const KINDS: typeof WORLDS = [
  ...WORLDS,
  [
    'nowhere',
    () =>
      Promise.resolve({
        adapters: (): McpModuleOptions => ({
          requestStateSecret: 'one secret for all the tests of this file',
        }),
        dispose: () => Promise.resolve(),
      }),
  ],
];

describe.each(KINDS)('modern requests with a token, calls parked %s', (_world, startWorld) => {
  let world: World;
  let stage: Stage;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.dispose());
  beforeEach(async () => {
    stage = await startStage(issuer, world.adapters());
  });
  afterEach(() => stage.close());

  const as = async (grant: Parameters<typeof headersOf>[1]) => ({
    capabilities: ALL_CAPABILITIES,
    headers: await headersOf(issuer, grant),
  });
  const client = async (tool: string, grant: Parameters<typeof headersOf>[1]) =>
    ModernClient.tool(stage, tool, {}, await as(grant));
  const ask = async () => {
    const { json } = await (await client('ask', ALICE)).send();
    const { requestState, inputRequests } = json.result;
    const inputResponses = { [Object.keys(inputRequests)[0] as string]: YES };
    return { requestState, inputResponses };
  };
  const listenAs = async (grant: Parameters<typeof headersOf>[1]) => {
    const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const own = await headersOf(issuer, grant);
    return new RawExchange(stage.url, { method: 'POST', body, headers: { ...headers, ...own } });
  };

  describe.each(STRANGERS)('by %s', (_name, grant, refusal) => {
    it('are served for what they are, or not at all', async () => {
      const { status, json } = await (await client('who', grant)).send();
      expect(status).toBe(refusal ?? 200);
      if (!refusal) expect(textOf(json)).toBe(grant?.sub);
    });

    it('do not go on with her call', async () => {
      const retry = await ask();
      const answer = await (await client('ask', grant)).send(retry);
      expect(answer.status).toBe(refusal ?? 200);
      expect(answer.json.error.code).toBe(refusal ? -32600 : -32602);
      expect(stage.answers).toEqual([]);
      const own = await (await client('ask', ALICE)).send(retry);
      expect(textOf(own.json)).toBe('alice heard "accept"');
    });

    it('do not cancel her call', async () => {
      const [body, headers] = modern(
        'tools/call',
        { name: 'hold' },
        { id: 'held', meta: { progressToken: 1 } },
      );
      const own = { ...headers, ...(await headersOf(issuer, ALICE)) };
      const call = new RawExchange(stage.url, { method: 'POST', body, headers: own });
      await call.message(({ method }) => method === 'notifications/progress');
      const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'held' } };
      const theirs = await headersOf(issuer, grant);
      const { status } = await stage.post(cancel, { 'mcp-protocol-version': '2026-07-28', ...theirs });
      expect(status).toBe(refusal ?? 202);
      stage.gate.open();
      expect(textOf(await call.message(({ id }) => id === 'held'))).toBe('held for alice');
      expect(stage.aborted).toEqual([]);
    });

    it('listen for themselves, or not at all', async () => {
      const stream = await listenAs(grant);
      expect(await stream.answered()).toBe(refusal ?? 200);
      stream.cut();
    });

    it('find nothing behind GET and DELETE', async () => {
      for (const method of ['GET', 'DELETE'] as const) {
        const headers = { 'mcp-protocol-version': '2026-07-28', ...(await headersOf(issuer, grant)) };
        expect(await new RawExchange(stage.url, { method, headers }).answered()).toBe(refusal ?? 405);
      }
    });
  });

  it('go on with her call when she has a new token', async () => {
    const answer = await (await client('ask', { ...ALICE, scope: 'mcp more' })).send(await ask());
    expect(textOf(answer.json)).toBe('alice heard "accept"');
    expect(stage.app.get(StreamableHttpTransport, { strict: false }).stats().parkedCalls).toBe(0);
  });
});
