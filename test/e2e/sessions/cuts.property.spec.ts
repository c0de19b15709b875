import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import type { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions } from './fixture.js';

/** Texts of a stream, in words of any length and script, and the bytes after which its connections are cut. */
const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { minLength: 1, maxLength: 12 });
const cuts = fc.array(fc.nat({ max: 3000 }), { maxLength: 12 });

/** Far longer than a message that is not lost needs. */
const PATIENCE_MS = 20_000;

const spoken = (messages: any[]) =>
  messages.map(({ params, result }) => params?.message ?? params?.data ?? result);

describe.each(PLATFORMS)('a stream whose connections are cut anywhere, on %s', (platform) => {
  let app: TestApp;
  let client: SessionClient;

  beforeAll(async () => {
    app = await startSessions({
      platform,
      tools: {
        say: async (ctx, { words, awaits }) => {
          const said = words.map((word: string, index: number) => {
            const saying = () => ctx.progress(index + 1, undefined, word);
            return awaits ? saying : saying();
          });
          for (const each of said) await (awaits ? each() : each);
          return 'done';
        },
      },
    });
    client = await SessionClient.open(app);
  });
  afterAll(() => app.close());

  /** Resumes until nothing is left, cutting each connection where it is told; gives all that came. */
  async function receive(first: RawExchange, cutAfter: readonly number[]): Promise<any[] | undefined> {
    const received: any[] = [];
    const left = [...cutAfter];
    let exchange = first;
    let lastEventId: string | undefined;
    for (;;) {
      await exchange.closed;
      received.push(...exchange.messages);
      lastEventId = exchange.lastEventId ?? lastEventId;
      if (exchange.status === 405 || (exchange.isComplete && exchange.status === 200)) return received;
      // Nothing came that could be resumed.
      if (lastEventId === undefined) return undefined;
      const next = left.shift();
      exchange = client.listen(lastEventId, next === undefined ? {} : { cutAfter: next + 1 });
    }
  }

  const result = { content: [{ type: 'text', text: 'done' }] };

  it('gives the answer to a call whole, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        words,
        cuts,
        fc.nat({ max: 3000 }),
        fc.boolean(),
        async (said, cutAfter, firstCut, awaits) => {
          const first = client.begin(
            'say',
            { words: said, awaits },
            { progressToken: 1, cutAfter: firstCut + 1 },
          );
          const received = await receive(first, cutAfter);
          if (received) expect(spoken(received)).toEqual([...said, result]);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('gives it whole for a cut after each byte of a stream', async () => {
    const said = ['one', 'zwei \u00fc', '\u4e09'];
    const whole = client.begin('say', { words: said, awaits: true }, { progressToken: 1 });
    await whole.closed;
    const resumed: number[] = [];
    for (let cutAfter = 1; cutAfter < whole.receivedBytes; cutAfter++) {
      const first = client.begin('say', { words: said, awaits: true }, { progressToken: 1, cutAfter });
      const received = await receive(first, [cutAfter]);
      if (!received) continue;
      resumed.push(cutAfter);
      expect(spoken(received)).toEqual([...said, result]);
    }
    // From the first event on there is always something to resume.
    expect(resumed).toHaveLength(whole.receivedBytes - (resumed[0] as number));
  }, 60_000);

  it('gives the messages of a session whole, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(words, cuts, async (said, cutAfter) => {
        const own = await SessionClient.open(app);
        const session = app.app.get(StreamableHttpTransport).session(own.id);
        let stream = own.listen();
        await stream.until(() => stream.events.length > 0);
        stream.cut();
        let { lastEventId } = stream;
        const sending = Promise.all(
          said.map((data) => session.notify('notifications/message', { level: 'info', data })),
        );
        const received: any[] = [];
        for (const next of [...cutAfter, Infinity]) {
          stream = own.listen(lastEventId, { cutAfter: next + 1 });
          const { length } = received;
          // The last connection is not cut: what does not come on it is lost, and shall be told as such.
          const patience = setTimeout(() => stream.cut(), PATIENCE_MS);
          await stream.until(() => length + stream.messages.length === said.length).catch(() => {});
          clearTimeout(patience);
          stream.cut();
          received.push(...stream.messages);
          lastEventId = stream.lastEventId ?? lastEventId;
          if (received.length >= said.length) break;
        }
        await sending;
        expect(spoken(received)).toEqual(said);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
