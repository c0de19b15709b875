import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { LEASE_MS } from '../../lib/adapters/store/instance-inbox.js';
import { SessionClient } from '../support/session-client.js';
import { defaultStore } from '../support/stores.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { connected, LEGACY_CLIENTS } from './official.js';
import {
  command,
  fresh,
  isQuestion,
  isResponse,
  isResult,
  LEGACY_VERSIONS,
  noteOf,
  notesOf,
  revive,
  until,
  textOf,
} from './support.js';

let bed: Bed;
let a: Instance;
let b: Instance;
beforeAll(async () => {
  bed = await startBed({ platform: 'fastify' });
  [a, b] = bed.instances as [Instance, Instance];
});
afterEach(() => revive(bed));
afterAll(() => bed?.close());

const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const accepted = { action: 'accept', content: { word: 'yes' } };

describe.each(LEGACY_VERSIONS)('a question of one instance to a client of %s', (version) => {
  const open = () => SessionClient.open(a, { version, capabilities });

  it.each([
    ['elicit', accepted, 'accept yes'],
    ['sample', { role: 'assistant', model: 'm', content: { type: 'text', text: 'hm' } }, '"hm"'],
    ['roots', { roots: [{ uri: 'file:///a' }] }, 'file:///a'],
  ])('is answered at the other one: %s', async (kind, answer, outcome) => {
    const client = await open();
    const call = client.begin('ask', { key: fresh('ask'), kind });
    const question = await call.message(isQuestion);
    expect((await client.with({ url: b.url }).answer(question, answer)).status).toBe(202);
    const text = textOf(await call.message(isResult));
    expect(text).toContain(outcome);
    expect(text).toContain('run 1 on instance 0');
    await client.delete();
  });

  it('takes one answer, of its own client; to anything else nobody was waiting', async () => {
    const [client, other] = [await open(), await open()];
    const key = fresh('twice');
    const call = client.begin('ask', { key, times: 2 });
    const first = await call.message(isQuestion);
    const at = [client, client.with({ url: b.url })];
    for (const { url } of [a, b]) {
      expect(
        (await other.with({ url }).answer(first, { ...accepted, content: { word: 'foreign' } })).status,
      ).toBe(400);
      expect((await client.with({ url }).answer({ id: 'never asked' }, accepted)).status).toBe(400);
    }
    const statuses = await Promise.all(
      [...at, ...at].map(async (each) => (await each.answer(first, accepted)).status),
    );
    expect(statuses.toSorted()).toEqual([202, 400, 400, 400]);
    const second = await call.message((message) => isQuestion(message) && message.id !== first.id);
    for (const each of at) expect((await each.answer(first, accepted)).status).toBe(400);
    expect((await client.with({ url: b.url }).answer(second, { action: 'decline' })).status).toBe(202);
    expect(textOf(await call.message(isResult))).toContain('accept yes, decline, run 1');
    await Promise.all([client.delete(), other.delete()]);
  });

  it('of no request goes to whichever instance the client listens at', async () => {
    const client = await open();
    const listening = client.with({ url: b.url }).listen();
    await listening.until(() => listening.text.length > 0 || listening.comments.length > 0);
    const key = fresh('outside');
    const asking = command(a, 'ask_session', { key, sessionId: client.id });
    const question = await listening.message(isQuestion);
    expect((await client.with({ url: b.url }).answer(question, accepted)).status).toBe(202);
    expect(await asking).toBe('accept yes');
    listening.cut();
    await client.delete();
  });

  it('fails, and leaves nothing behind, when the session ends at the other one', async () => {
    const client = await open();
    const key = fresh('ended');
    const call = client.begin('ask', { key });
    const question = await call.message(isQuestion);
    expect((await client.with({ url: b.url }).delete()).status).toBe(204);
    await call.closed;
    expect((await noteOf(bed, key)).error).toBeDefined();
    expect((await client.with({ url: b.url }).answer(question, accepted)).status).toBe(404);
    await until(async () => (await keysOf(client)).length === 0, 'nothing kept of the session');
  });

  it('fails when its time is over, and leaves nothing behind', async () => {
    const client = await open();
    const key = fresh('late');
    const call = client.begin('ask', { key, timeoutMs: 200 });
    const question = await call.message(isQuestion);
    const { result } = await call.message(isResponse);
    expect(result.isError).toBe(true);
    expect(notesOf(bed, key)[0]?.error).toBe('ClientRequestTimeoutError');
    expect((await client.with({ url: b.url }).answer(question, accepted)).status).toBe(400);
    await until(async () => !(await keys()).some((key) => /^\{1p-|\}:q/.test(key)), 'no question kept');
    await client.delete();
  });
});

it('questions of an instance that dies are refused long before their time is over', async () => {
  const clients = await Promise.all(
    LEGACY_VERSIONS.map((version) => SessionClient.open(a, { version, capabilities })),
  );
  const asked = await Promise.all(
    clients.map(async (client) => {
      const call = client.begin('ask', { key: fresh('dead'), timeoutMs: 600_000 });
      return { client: client.with({ url: b.url }), call, question: await call.message(isQuestion) };
    }),
  );
  await a.kill('SIGKILL');
  // There nothing but its lease tells whether an instance lives.
  if (defaultStore === 'postgres') await delay(LEASE_MS);
  await Promise.all(
    asked.map(async ({ client, call, question }) => {
      await call.closed;
      expect((await client.answer(question, accepted)).status).toBe(400);
      await client.delete();
    }),
  );
});

it('official clients answer one instance at the other', async () => {
  await connected(LEGACY_CLIENTS, bed.url, async (clients) => {
    for (const client of clients) {
      let elsewhere = 0;
      for (const kind of ['elicit', 'sample', 'roots']) {
        const key = fresh('official');
        const mark = bed.proxy.served.length;
        const text = await client.call('ask', { key, kind, times: 2 });
        const [, asker] = /run 1 on instance (\d)/.exec(text) ?? [];
        const answers = bed.proxy.served.slice(mark).filter(({ message }) => message && isResponse(message));
        expect(answers).toHaveLength(2);
        elsewhere += answers.filter(({ instance }) => String(instance) !== asker).length;
      }
      // Six answers, turn by turn; a GET of the client's own may come in between and take a turn.
      expect(elsewhere).toBeGreaterThan(0);
      await client.terminate();
    }
  });
});

async function keys(): Promise<string[]> {
  return [...(await bed.store.keys()).keys()];
}

async function keysOf({ id }: SessionClient): Promise<string[]> {
  return (await keys()).filter((key) => key.includes(id));
}
