import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { startTransport, type TransportApp } from '../transport/fixture.js';

/** Every parameter that any method reads. */
const PARAMS = [
  ['initialize', ['protocolVersion', 'capabilities', 'clientInfo', '_meta']],
  ['tools/call', ['name', 'arguments', '_meta', 'requestState', 'inputResponses']],
  ['tools/list', ['cursor', '_meta']],
  ['resources/read', ['uri', '_meta', 'requestState', 'inputResponses']],
  ['resources/subscribe', ['uri']],
  ['resources/unsubscribe', ['uri']],
  ['prompts/get', ['name', 'arguments', '_meta', 'requestState', 'inputResponses']],
  ['completion/complete', ['ref', 'argument', 'context']],
  ['logging/setLevel', ['level']],
  ['subscriptions/listen', ['notifications']],
  ['notifications/cancelled', ['requestId', 'reason']],
  ['notifications/progress', ['progressToken', 'progress']],
] as const;

/** Not even `String()` makes anything of the first. */
const ODD: readonly unknown[] = [
  { toString: 1, valueOf: 1 },
  { toJSON: 1 },
  { then: 1 },
  [[]],
  null,
  0,
  true,
  { length: 1e9 },
];

describe.each(PLATFORMS)('a parameter of another type on %s', (platform) => {
  let app: TransportApp;
  let client: SessionClient;
  beforeAll(async () => {
    const sessionAdapter = new InMemorySessionAdapter();
    app = await startTransport(
      platform,
      { sessionAdapter, clientRequestAdapter: new InMemoryClientRequestAdapter() },
      // Most of these values are no more to the official schemas than to the server.
      { wire: false },
    );
    client = await SessionClient.open(app);
  });
  afterAll(() => app.close());

  it.each(PARAMS)('is the fault of the client: %s', async (method, names) => {
    const usual = { name: 'echo', arguments: {}, uri: 'test://x', ref: { type: 'ref/prompt', name: 'x' } };
    for (const name of names) {
      for (const odd of ODD) {
        for (const value of [
          odd,
          { type: odd, name: odd, uri: odd, value: odd, resourceSubscriptions: odd },
        ]) {
          const params = { ...usual, [name]: value };
          const isNotification = method.startsWith('notifications/');
          const call = { ...legacy(method, params, 'x'), ...(isNotification && { id: undefined }) };
          const [body, headers] = modern(method, params);
          for (const [sent, extra] of [
            [call, client.headers],
            [body, headers],
          ] as const) {
            // A subscription that is granted would stay open.
            const { status } = await app.post(sent, { ...extra, accept: 'application/json' });
            expect([method, name, value, status < 500 && status !== 408]).toEqual([
              method,
              name,
              value,
              true,
            ]);
          }
        }
      }
    }
  });
});
