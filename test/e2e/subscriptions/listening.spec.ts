import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { modern } from '../../support/http.js';
import { until } from '../conversations/fixture.js';
import { beginListening, heardBy, listen, settle, startServer, type Server } from './fixture.js';

const everything = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourcesListChanged: true,
  resourceSubscriptions: ['test://open', 'test://note/1'],
};

describe.each(PLATFORMS)('subscriptions/listen on %s', (platform) => {
  let server: Server;

  beforeEach(async () => {
    server = await startServer({ platform, keepAliveMs: 20 });
  });

  afterEach(() => server.close());

  it('is acknowledged first, with what is honoured', async () => {
    const subscription = await listen(server, { ...everything, promptsListChanged: false, unknown: true });
    expect(subscription.status).toBe(200);
    expect(subscription.headers['content-type']).toBe('text/event-stream');
    expect(subscription.messages).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: {
          _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' },
          notifications: {
            toolsListChanged: true,
            resourcesListChanged: true,
            resourceSubscriptions: ['test://open', 'test://note/1'],
          },
        },
      },
    ]);
    subscription.cut();
  });

  it('tells of every change that was asked for, in order, once each and tagged', async () => {
    const subscription = await listen(server, everything, { id: 5 });
    await server.registry.addTool({ name: 'a' }, () => '');
    await server.registry.addPrompt({ name: 'p' }, () => '');
    await server.registry.removeTool('a');
    await server.registry.addResource({ uri: 'test://new' }, () => '');
    await server.transport.notifyResourceUpdated('test://note/1');
    await server.transport.notifyResourceUpdated('test://note/2');
    await server.registry.resourceUpdated('test://open');
    await subscription.until(() => subscription.messages.length === 7);
    expect(heardBy(subscription, 5).toSorted()).toEqual([
      'notifications/prompts/list_changed',
      'notifications/resources/list_changed',
      'notifications/resources/updated test://note/1',
      'notifications/resources/updated test://open',
      'notifications/tools/list_changed',
      'notifications/tools/list_changed',
    ]);
    subscription.cut();
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, []],
    ['tools', { toolsListChanged: true }, ['notifications/tools/list_changed']],
    ['prompts', { promptsListChanged: true }, ['notifications/prompts/list_changed']],
    ['resources', { resourcesListChanged: true }, ['notifications/resources/list_changed']],
  ])('tells nothing that was not asked for: %s', async (_case, filter, expected) => {
    const open = { resourceSubscriptions: ['test://open'] };
    const [subscription, witness] = await Promise.all([
      listen(server, { ...filter, ...open }),
      listen(server, open),
    ]);
    await server.registry.addTool({ name: 'a' }, () => '');
    await server.registry.addPrompt({ name: 'p' }, () => '');
    await server.registry.addResource({ uri: 'test://new' }, () => '');
    await server.transport.notifyResourceUpdated('test://new');
    await settle(server, subscription, witness);
    const last = 'notifications/resources/updated test://open';
    expect(heardBy(subscription)).toEqual([...expected, last]);
    expect(heardBy(witness)).toEqual([last]);
    subscription.cut();
    witness.cut();
  });

  it('goes on beside others of the same client and the same id', async () => {
    const open = ['test://open'];
    const one = await listen(server, { toolsListChanged: true, resourceSubscriptions: open }, { id: 1 });
    const two = await listen(server, { promptsListChanged: true, resourceSubscriptions: open }, { id: 1 });
    const three = await listen(server, { resourceSubscriptions: open }, { id: '1' });
    expect(server.transport.stats().subscriptions).toBe(3);
    await server.registry.addTool({ name: 'a' }, () => '');
    await server.registry.addPrompt({ name: 'p' }, () => '');
    await settle(server, one, two, three);
    const last = 'notifications/resources/updated test://open';
    expect(heardBy(one, 1)).toEqual(['notifications/tools/list_changed', last]);
    expect(heardBy(two, 1)).toEqual(['notifications/prompts/list_changed', last]);
    expect(heardBy(three, '1')).toEqual([last]);
    for (const each of [one, two, three]) each.cut();
    await until(() => server.transport.stats().subscriptions === 0);
    await until(() => server.transport.stats().streams === 0);
  });

  it('is kept alive by comments', async () => {
    const subscription = await listen(server, {});
    await subscription.until(() => subscription.comments.length >= 3);
    expect(subscription.messages).toHaveLength(1);
    subscription.cut();
  });

  it.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['a list', []],
    ['text', 'tools'],
    ['text for a boolean', { toolsListChanged: 'yes' }],
    ['text for a list', { resourceSubscriptions: 'test://open' }],
    ['numbers for URIs', { resourceSubscriptions: [1] }],
    ['too many URIs', { resourceSubscriptions: Array.from({ length: 1001 }, (_, i) => `test://${i}`) }],
    ['a URI that is too long', { resourceSubscriptions: ['x'.repeat(8193)] }],
  ])('is refused for a filter that is %s', async (_case, filter) => {
    const subscription = beginListening(server, filter);
    await subscription.until(() => subscription.isComplete);
    expect(subscription.json).toMatchObject({ id: 'sub', error: { code: -32602 } });
    expect(server.transport.stats().subscriptions).toBe(0);
  });

  it('needs a client that reads streams', async () => {
    const [body, headers] = modern('subscriptions/listen', { notifications: {} });
    expect((await server.post(body, { ...headers, accept: 'application/json' })).status).toBe(406);
  });

  it('ends with a result when the server shuts down', async () => {
    const one = await listen(server, { toolsListChanged: true }, { id: 1 });
    const two = await listen(server, {}, { id: 'two' });
    await server.close();
    await Promise.all([one, two].map((each) => each.until(() => each.isComplete)));
    expect(heardBy(one, 1)).toEqual(['result complete']);
    expect(heardBy(two, 'two')).toEqual(['result complete']);
    expect(one.messages.at(-1).id).toBe(1);
  });
});

it('a subscription too many is answered 503, until another ends', async () => {
  const server = await startServer({ limits: { subscriptions: 2 } });
  const [first, second] = await Promise.all([listen(server, {}), listen(server, {})]);
  const refused = beginListening(server, {});
  expect(await refused.answered()).toBe(503);
  await refused.until(() => refused.isComplete);
  expect(refused.json).toMatchObject({ id: 'sub', error: { code: -32603 } });
  expect(refused.headers['retry-after']).toBeDefined();
  first.cut();
  await until(() => server.transport.stats().subscriptions === 1);
  const third = await listen(server, {});
  second.cut();
  third.cut();
  await server.close();
});

it('subscriptions/listen is advertised with what it delivers', async () => {
  for (const sessionAdapter of [true, false]) {
    const server = await startServer(sessionAdapter ? {} : ({ sessionAdapter: undefined } as object));
    const { json } = await server.post(...modern('server/discover'));
    expect(json.result.capabilities).toMatchObject({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
    });
    await server.close();
  }
});
