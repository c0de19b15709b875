import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { ModernClient } from '../support/modern-client.js';
import { SessionClient } from '../support/session-client.js';
import { modern } from '../support/http.js';
import { RawExchange } from '../support/raw-http.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { connected, OFFICIAL_CLIENTS } from './official.js';
import {
  command,
  fresh,
  isQuestion,
  isResult,
  LEGACY_VERSIONS,
  numbersOf,
  statsOf,
  textOf,
} from './support.js';

const OUTAGE_MS = 5_000;

/** Turns of an event loop during an outage: about 300 are needed; a retry every millisecond makes 5,000. */
const MOST_TURNS = 2_000;

let bed: Bed;
let a: Instance;
let b: Instance;
beforeAll(async () => {
  bed = await startBed();
  [a, b] = bed.instances as [Instance, Instance];
});
// That no instance has ended by itself, as of an unhandled rejection, is checked here too.
afterAll(() => bed?.close());

const accepted = { action: 'accept', content: { word: 'yes' } };
const hasBegun = ({ method }: any) => method === 'notifications/progress';
const TOOLS = 'notifications/tools/list_changed';

it('a store that is away for 5 s is noticed by nobody who does not need it meanwhile', async () => {
  await connected(OFFICIAL_CLIENTS, bed.url, async (clients) => {
    const sessions = await Promise.all(
      LEGACY_VERSIONS.map(async (version) => {
        const client = await SessionClient.open(a, { version, capabilities: { elicitation: {} } });
        await client.call('remember', { key: 'word', value: version });
        const listening = client.with({ url: b.url }).listen();
        await listening.answered();
        const call = client.begin('work', { key: fresh('work'), ms: OUTAGE_MS / 2 }, { progressToken: 1 });
        const asking = client.begin('ask', { key: fresh('ask') });
        await call.message(hasBegun);
        return { client, version, listening, call, asking, question: await asking.message(isQuestion) };
      }),
    );
    const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const subscription = new RawExchange(b.url, { method: 'POST', body, headers });
    await subscription.message(() => true);
    const before = await Promise.all([a, b].map(statsOf));

    await bed.store.stop('SIGTERM');
    const end = Date.now() + OUTAGE_MS;
    // Requests without a session are served as ever.
    for (const { url } of [a, b])
      expect(textOf((await ModernClient.tool({ url }, 'where').send()).json)).toContain('instance');
    let refusals = 0;
    while (Date.now() < end) {
      const answers = await Promise.all(
        sessions.flatMap(({ client }) => [a, b].map(({ url }) => client.with({ url }).request('ping'))),
      );
      for (const { status, headers: sent, json } of answers) {
        expect([status, sent.get('retry-after')]).toEqual([503, '1']);
        expect(json).toEqual({
          jsonrpc: '2.0',
          id: expect.any(Number),
          error: { code: -32603, message: 'The server cannot reach its store; try again' },
        });
        refusals++;
      }
      await delay(Math.min(200, Math.max(0, end - Date.now())));
    }
    expect(refusals).toBeGreaterThanOrEqual(6);
    const after = await Promise.all([a, b].map(statsOf));
    // No hot loop: an event loop that waits makes a turn for each thing that happens, and no more.
    for (const [index, { turns = 0 }] of after.entries())
      expect(turns - (before[index]?.['turns'] ?? 0)).toBeLessThan(MOST_TURNS);
    await bed.store.start();

    const name = fresh('late');
    for (const { client, version, listening, call, asking, question } of sessions) {
      const onB = client.with({ url: b.url });
      await works(() => onB.request('ping'));
      expect(textOf((await onB.call('recall', { key: 'word' })).json)).toBe(version);
      // A question that was open is answered at the other instance, and so is a new one.
      expect((await onB.answer(question, accepted)).status).toBe(202);
      expect(textOf(await resultOf(asking, onB))).toContain('accept yes');
      const again = client.begin('ask', { key: fresh('ask') });
      expect((await onB.answer(await again.message(isQuestion), accepted)).status).toBe(202);
      expect(textOf(await again.message(isResult))).toContain('accept yes');
      expect(textOf(await resultOf(call, onB))).toBe('worked on instance 0');
      expect(listening.isComplete).toBe(false);
      await command(a, 'tell', { sessionId: client.id, key: 'back', count: 3 });
      await listening.message(({ params }) => params?.data?.number === 3);
      expect(numbersOf(listening)).toEqual([1, 2, 3]);
    }
    await command(a, 'add_tool', { name });
    for (const { client, listening } of sessions) {
      await listening.message(({ method }) => method === TOOLS);
      await command(a, 'tell', { sessionId: client.id, key: 'last', count: 4 });
      await listening.message(({ params }) => params?.data?.number === 4);
      expect(listening.messages.filter(({ method }) => method === TOOLS)).toHaveLength(1);
      listening.cut();
      await client.delete();
    }
    await subscription.message(({ method }) => method === TOOLS);
    expect(subscription.messages.filter(({ method }) => method === TOOLS)).toHaveLength(1);
    subscription.cut();
    for (const client of clients) {
      expect(await client.call('ask', { key: fresh('official') })).toContain('accept');
      await client.terminate();
    }
    // Said when it goes and when it is back, not at each attempt to connect again.
    for (const { output } of [a, b])
      expect(output.match(/\[Mcp(Redis|Postgres|Nats)\]/g)?.length).toBeLessThanOrEqual(4);
  });
}, 90_000);

/** The response on a stream that may have broken: then it is resumed. */
async function resultOf(stream: RawExchange, client: SessionClient): Promise<any> {
  const seen = await stream.message(isResult).catch(() => undefined);
  return seen ?? client.listen(stream.lastEventId).message(isResult);
}

/** Asks again while it is refused with 503. */
async function works(ask: () => Promise<{ status: number }>): Promise<void> {
  for (let attempt = 0; (await ask()).status === 503; attempt++) {
    if (attempt > 50) throw new Error('The store is back, but nobody uses it');
    await delay(100);
  }
}
