import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessChannel } from 'nestjs-mcp-adapters';
import { SessionClient } from '../../support/session-client.js';
import { until } from '../conversations/fixture.js';
import type { RawExchange } from '../../support/raw-http.js';
import { listen, startServer, type Server } from './fixture.js';

let servers: Server[];
let modernClients: RawExchange[];
let legacyClients: RawExchange[];

const start = async (count: number) => {
  const channel = new InProcessChannel();
  servers = await Promise.all(Array.from({ length: count }, () => startServer({ channel })));
  modernClients = [];
  legacyClients = [];
  for (const server of servers) {
    for (let i = 0; i < 2; i++) {
      modernClients.push(
        await listen(server, {
          toolsListChanged: true,
          promptsListChanged: true,
          resourcesListChanged: true,
          resourceSubscriptions: ['test://note/1', 'test://open'],
        }),
      );
      const session = await SessionClient.open(server);
      for (const uri of ['test://note/1', 'test://open'])
        await session.request('resources/subscribe', { uri });
      const stream = session.listen();
      await stream.answered();
      legacyClients.push(stream);
    }
  }
};

const methodsOf = ({ messages }: RawExchange) =>
  messages
    .map(({ method, params }) => (params?.uri === undefined ? method : `${method} ${params.uri}`))
    .filter((method: string) => !method.endsWith('acknowledged'));

const LAST = 'notifications/resources/updated test://open';

beforeEach(() => {
  servers = [];
});

afterEach(async () => {
  for (const each of [...modernClients, ...legacyClients]) each.cut();
  await Promise.all(servers.map((server) => server.close()));
});

describe.each([1, 2])('one announcement, with %i instances', (count) => {
  it.each<[string, (server: Server) => Promise<unknown>, string]>([
    [
      'a new tool',
      ({ registry }) => registry.addTool({ name: 'a' }, () => ''),
      'notifications/tools/list_changed',
    ],
    [
      'a new prompt',
      ({ registry }) => registry.addPrompt({ name: 'a' }, () => ''),
      'notifications/prompts/list_changed',
    ],
    [
      'a new resource',
      ({ registry }) => registry.addResource({ uri: 'test://a' }, () => ''),
      'notifications/resources/list_changed',
    ],
    [
      'an updated resource',
      ({ transport }) => transport.notifyResourceUpdated('test://note/1'),
      'notifications/resources/updated test://note/1',
    ],
  ])('reaches every session and every subscription exactly once: %s', async (_case, announce, expected) => {
    await start(count);
    await announce(servers.at(-1)!);
    const everybody = [...modernClients, ...legacyClients];
    await until(() => everybody.every((each) => methodsOf(each).includes(expected)));
    await servers[0]!.transport.notifyResourceUpdated('test://open');
    await until(() => everybody.every((each) => methodsOf(each).includes(LAST)));
    for (const each of everybody) expect(methodsOf(each)).toEqual([expected, LAST]);
  });
});

it('an announcement does not reach the other server of an application', async () => {
  const channel = new InProcessChannel();
  const [one, other] = await Promise.all([
    startServer({ channel, name: 'one' }),
    startServer({ channel, name: 'other' }),
  ]);
  servers = [one, other];
  legacyClients = [];
  const filter = { toolsListChanged: true, resourceSubscriptions: ['test://open'] };
  modernClients = [await listen(one, filter), await listen(other, filter)];
  await one.registry.addTool({ name: 'a' }, () => '');
  for (const server of servers) await server.transport.notifyResourceUpdated('test://open');
  await until(() => modernClients.every((each) => methodsOf(each).includes(LAST)));
  expect(modernClients.map(methodsOf)).toEqual([['notifications/tools/list_changed', LAST], [LAST]]);
});
