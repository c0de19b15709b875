import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { legacy } from '../../support/http.js';
import type { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
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

describe.each(WORLDS)('the session of a token, kept %s', (_world, startWorld) => {
  let world: World;
  let stage: Stage;
  let alice: SessionClient;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.dispose());
  beforeEach(async () => {
    stage = await startStage(issuer, world.adapters());
    alice = await open('2025-11-25');
  });
  afterEach(() => stage.close());

  const open = async (version: string) =>
    SessionClient.open(stage, {
      version,
      capabilities: { elicitation: {} },
      headers: await headersOf(issuer, ALICE),
    });
  /** Her session in the hands of another principal. */
  const inHandsOf = async (grant: Parameters<typeof headersOf>[1], session = alice) => {
    const { authorization: _, ...own } = session.headers;
    return new SessionClient(session.url, session.id, { ...own, ...(await headersOf(issuer, grant)) });
  };
  const hold = async (client = alice): Promise<RawExchange> => {
    const call = client.begin('hold', {}, { id: 'held', progressToken: 1 });
    await call.message(({ method }) => method === 'notifications/progress');
    return call;
  };
  const finish = async (call: RawExchange) => {
    stage.gate.open();
    return textOf(await call.message(({ id }) => id === 'held'));
  };

  describe.each(STRANGERS)('in the hands of %s', (_name, grant, refusal) => {
    const refused = refusal ?? 404;

    it('runs no request', async () => {
      const stranger = await inHandsOf(grant);
      for (const body of [legacy('ping'), legacy('tools/call', { name: 'who' }), legacy('tools/list')]) {
        const { status, json } = await stranger.post(body);
        expect([status, json.error.code]).toEqual([refused, -32600]);
      }
      expect(textOf((await alice.call('who')).json)).toBe('alice');
    });

    it('runs no batch', async () => {
      const old = await open('2025-03-26');
      const stranger = await inHandsOf(grant, old);
      const { status } = await stranger.post([legacy('ping'), legacy('tools/call', { name: 'who' })]);
      expect(status).toBe(refused);
      expect((await old.post([legacy('ping'), legacy('tools/call', { name: 'who' })])).status).toBe(200);
    });

    it('takes no notification, and cancels no call', async () => {
      const call = await hold();
      const stranger = await inHandsOf(grant);
      expect((await stranger.notify('notifications/initialized')).status).toBe(refused);
      expect((await stranger.notify('notifications/cancelled', { requestId: 'held' })).status).toBe(refused);
      expect(await finish(call)).toBe('held for alice');
      expect(stage.aborted).toEqual([]);
    });

    it('takes no answer to a question', async () => {
      const call = alice.begin('ask');
      const question = await call.message(({ method }) => method === 'elicitation/create');
      const stranger = await inHandsOf(grant);
      expect((await stranger.answer(question, YES)).status).toBe(refused);
      expect(stage.answers).toEqual([]);
      expect((await alice.answer(question, { action: 'decline' })).status).toBe(202);
      const result = await call.message((message) => 'result' in message);
      expect(textOf(result)).toBe('alice heard "decline"');
    });

    it('opens and resumes no stream, and takes none away', async () => {
      const listening = alice.listen();
      await listening.until(() => listening.events.length > 0);
      const call = await hold();
      const stranger = await inHandsOf(grant);
      for (const seen of [undefined, listening.lastEventId, call.lastEventId]) {
        expect(await stranger.listen(seen).answered()).toBe(refused);
      }
      expect(await finish(call)).toBe('held for alice');
      expect(listening.isComplete).toBe(false);
      listening.cut();
    });

    it('is not ended', async () => {
      const stranger = await inHandsOf(grant);
      expect((await stranger.delete()).status).toBe(refused);
      expect((await alice.request('ping')).status).toBe(200);
    });

    it('is not begun without a token that will do', async () => {
      const headers = await headersOf(issuer, grant);
      const begun = await SessionClient.open(stage, { headers }).then(
        () => 200,
        ({ message }: Error) => Number(/\d{3}/.exec(message)?.[0]),
      );
      expect(begun).toBe(refusal ?? 200);
    });
  });

  describe('in her hands with a refreshed token', () => {
    const refreshed = () => inHandsOf({ ...ALICE, scope: 'mcp more' });

    it('runs requests, takes notifications and is ended', async () => {
      const call = await hold();
      const again = await refreshed();
      expect(textOf((await again.call('who')).json)).toBe('alice');
      expect((await again.notify('notifications/cancelled', { requestId: 'held' })).status).toBe(202);
      await call.closed;
      expect(stage.aborted).toEqual(['held']);
      expect((await again.delete()).status).toBe(204);
      expect((await alice.request('ping')).status).toBe(404);
    });

    it('takes the answer to a question that was put before', async () => {
      const call = alice.begin('ask');
      const question = await call.message(({ method }) => method === 'elicitation/create');
      expect((await (await refreshed()).answer(question, YES)).status).toBe(202);
      expect(textOf(await call.message((message) => 'result' in message))).toBe('alice heard "accept"');
    });

    it('goes on with a stream that broke', async () => {
      const call = await hold();
      call.cut();
      const resumed = (await refreshed()).listen(call.lastEventId);
      expect(await resumed.answered()).toBe(200);
      expect(await finish(resumed)).toBe('held for alice');
    });
  });
});
