import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { startTransport, type Held, type Sent, type TransportApp } from './fixture.js';

const CLIENTS = Array.from({ length: 100 }, (_, index) => index);

const ERAS = [
  {
    era: 'legacy',
    call: (name: string, args: object, meta = {}): Sent => [
      legacy('tools/call', { name, arguments: args, _meta: meta }, 1),
      {},
    ],
  },
  {
    era: 'modern',
    call: (name: string, args: object, meta = {}): Sent =>
      modern('tools/call', { name, arguments: args }, { id: 1, meta }),
  },
];

describe.each(PLATFORMS)('isolation on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform);
  });
  afterAll(() => app.close());

  describe.each(ERAS)('$era', ({ call }) => {
    it('gives 100 clients with equal ids their own results', async () => {
      const answers = await Promise.all(CLIENTS.map((client) => app.post(...call('echo', { client }))));
      expect(answers.map(({ json }) => JSON.parse(json.result.content[0].text).client)).toEqual(CLIENTS);
    });

    it('gives 100 clients with equal ids and tokens their own progress', async () => {
      const answers = await Promise.all(
        CLIENTS.map((client) => app.post(...call('count', { to: (client % 7) + 1 }, { progressToken: 1 }))),
      );
      for (const [client, { messages }] of answers.entries()) {
        const steps = messages.slice(0, -1).map(({ params }) => params.progress);
        expect(steps).toEqual(Array.from({ length: (client % 7) + 1 }, (_, step) => step + 1));
        expect(messages.at(-1).result.content[0].text).toBe(`counted to ${(client % 7) + 1}`);
      }
    });

    it('answers in whatever order handlers finish', async () => {
      const finished: number[] = [];
      const answers = CLIENTS.map(async (client) => {
        const { json } = await app.post(...call('hold', { client }));
        finished.push(client);
        return json.result.content[0].text;
      });
      const held: Held[] = [];
      for (const _ of CLIENTS) held.push(await app.tools.nextHeld());
      for (const { gate } of held.reverse()) gate.open();
      expect(await Promise.all(answers)).toEqual(CLIENTS.map(() => 'finished'));
      expect(finished.sort((a, b) => a - b)).toEqual(CLIENTS);
    });
  });
});
