import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { natsStore, setUpNats } from '../../lib/adapters/nats/index.js';
import { McpConfigurationError } from '../../lib/protocol/configuration.error.js';
import { waitFor } from '../../lib/testing/bounded-case.js';
import { startNats, type NatsServer } from '../support/nats.js';
import { freePort } from '../support/redis.js';
import { keyOf, Logged, LONG_MS, nextStream, Stores, WIDE } from './support.js';

const USERS = `
authorization { users: [
  { user: admin, password: secret }
  { user: reader, password: secret, permissions: { publish: ["$JS.API.STREAM.INFO.>"], subscribe: ["_INBOX.>"] } }
  { user: deaf, password: secret, permissions: { publish: [">"], subscribe: ["nothing"] } }
  { user: app, password: secret, permissions: {
    publish: ["app.>", "$JS.API.STREAM.INFO.APP", "$JS.API.STREAM.MSG.DELETE.APP", "$JS.API.STREAM.PURGE.APP",
      "$JS.API.DIRECT.GET.APP", "$JS.API.DIRECT.GET.APP.>", "$JS.API.CONSUMER.>", "_INBOX.>"],
    subscribe: ["_INBOX.>", "app.bell.>"] } }
  { user: blind, password: secret, permissions: {
    publish: { allow: [">"], deny: ["$JS.API.DIRECT.GET.*.>"] }, subscribe: [">"] } }
  { user: private, password: secret, permissions: { publish: [">"], subscribe: ["_PRIVATE.>", "*.bell.>"] } }
] }`;

let nats: NatsServer;
let admin: NatsConnection;
const as = (user: string) => ({ servers: nats.url, user, pass: 'secret' });
const stores = new Stores(() => as('admin'));

beforeAll(async () => {
  nats = await startNats({ config: USERS });
  admin = await connect(as('admin'));
}, 60_000);
afterEach(() => stores.close());
afterAll(async () => {
  await admin.close();
  await nats.dispose();
});

async function reasonOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => {
      throw new Error('It did not fail');
    },
    (error: unknown) => error as Error,
  );
}

describe('the start', () => {
  it('names the stream that is missing, and how to make it', async () => {
    const names = nextStream();
    const reason = await reasonOf(stores.open(names).open());
    expect(reason).toBeInstanceOf(McpConfigurationError);
    expect(reason.message).toMatch(new RegExp(`no stream ${names.stream}\\..* migrate: true.* setUpNats`));
  });

  it('uses a stream that was set up before, or makes it when it may', async () => {
    const [before, now] = [nextStream(), nextStream()];
    await setUpNats(admin, { ...before, maxBytes: 1_000_000 });
    await setUpNats(admin, before);
    for (const store of [stores.open(before), stores.open({ ...now, migrate: true }), stores.open(now)]) {
      await store.open();
      expect(await store.write(keyOf('a'), {}, { ttlMs: LONG_MS })).toEqual(expect.any(String));
    }
    const { streams } = await jetstreamManager(admin);
    expect((await streams.info(before.stream)).config).toMatchObject({
      ...{ subjects: [`${before.subjectPrefix}.s.*`, `${before.subjectPrefix}.clock`], max_bytes: 1_000_000 },
      ...{ storage: 'file', num_replicas: 1, discard: 'new', max_age: 0 },
    });
  });

  it.each([
    ['that drops what is old', { discard: 'old' }, /discard must be new/],
    ['that forgets by age', { max_age: 60_000_000_000 }, /max_age would drop/],
    ['that keeps few messages of a subject', { max_msgs_per_subject: 5 }, /max_msgs_per_subject would drop/],
    ['of other subjects', { subjects: ['elsewhere.>'] }, /needs subject/],
  ] as const)('refuses a stream %s', async (_, config, message) => {
    const names = nextStream();
    const { streams } = await jetstreamManager(admin);
    const subjects = [`${names.subjectPrefix}.s.*`, `${names.subjectPrefix}.clock`];
    await streams.add({ name: names.stream, discard: 'new', subjects, ...config } as never);
    const reason = await reasonOf(stores.open({ ...names, migrate: true }).open());
    expect(reason).toBeInstanceOf(McpConfigurationError);
    expect(reason.message).toMatch(message);
    expect(reason.message).toContain(names.stream);
    await streams.delete(names.stream);
  });

  it('says that credentials are wrong', async () => {
    const reason = await reasonOf(stores.open({ ...nextStream(), pass: 'wrong' }).open());
    expect(reason).toBeInstanceOf(McpConfigurationError);
    expect(reason.message).toMatch(/NATS refuses .*Authorization/i);
  });

  it('says that credentials are not taken any more, and goes on when they are', async () => {
    const user = (password: string) => `authorization { user: app, password: ${password} }`;
    const server = await startNats({ config: user('before') });
    const options = { servers: server.url, user: 'app', pass: 'before', commandTimeoutMs: 500 };
    const logger = new Logged();
    const all = { ...options, ...nextStream(), migrate: true, reconnectTimeWait: 20, logger };
    const store = stores.open(all);
    await store.open();
    const bells: unknown[] = [];
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    await store.listen(keyOf('a'), (bell) => bells.push(bell));
    await server.stop();
    await server.start(user('after'));
    await waitFor(async () => {
      const reason = await reasonOf(store.ping());
      expect(reason).toMatchObject({ code: 'MCP_ADAPTER_UNAVAILABLE' });
      return /NATS refuses .*Authorization/i.test(reason.message);
    }, 'the reason');
    expect(logger.lines).toEqual([
      expect.stringMatching(/^warn NATS cannot be reached/),
      expect.stringMatching(/^warn NATS refuses .*Authorization.*credentials.* tries again$/i),
    ]);
    await server.stop();
    await server.start(user('before'));
    await waitFor(async () => (await store.ping().catch(() => 'away')) !== 'away', 'the end of the outage');
    bells.length = 0;
    await stores.open(all).append(keyOf('a'), 'tag', 'body', { id: 'id', limits: WIDE });
    await waitFor(() => bells.some((bell) => typeof bell === 'object'), 'a bell on the new connection');
    await stores.close();
    await server.dispose();
  }, 30_000);

  it('says why a connection of the application is closed that is not taken any more', async () => {
    const user = (password: string) => `authorization { user: app, password: ${password} }`;
    const server = await startNats({ config: user('before') });
    const connection = await connect({
      ...{ servers: server.url, user: 'app', pass: 'before' },
      ...{ reconnectTimeWait: 20, maxReconnectAttempts: -1 },
    });
    const logger = new Logged();
    const store = natsStore({ ...nextStream(), connection, migrate: true, logger, commandTimeoutMs: 500 });
    await store.open();
    await server.stop();
    await server.start(user('after'));
    await connection.closed();
    await waitFor(() => logger.lines.length === 2, 'the reason');
    expect(logger.lines[1]).toMatch(/^warn NATS refuses .*Authorization.* owner has to make another one$/i);
    const reason = await reasonOf(store.read(keyOf('a')));
    expect(reason).toMatchObject({ code: 'MCP_ADAPTER_UNAVAILABLE' });
    expect(reason.message).toMatch(/NATS refuses .*Authorization/i);
    await store.close();
    await server.dispose();
  }, 30_000);

  it('says which permission is missing', async () => {
    const names = nextStream();
    const reason = await reasonOf(stores.open({ ...names, ...as('reader'), migrate: true }).open());
    expect(reason).toBeInstanceOf(McpConfigurationError);
    expect(reason.message).toMatch(/NATS refuses .*STREAM\.CREATE/i);
    await setUpNats(admin, names);
    const later = await reasonOf(stores.open({ ...names, ...as('reader') }).open());
    expect(later.message).toMatch(new RegExp(`NATS refuses .*${names.subjectPrefix}\\.clock`, 'i'));
  });

  it('needs no more permissions than are documented', async () => {
    const names = { stream: 'APP', subjectPrefix: 'app' };
    await setUpNats(admin, names);
    const store = stores.open({ ...names, ...as('app') });
    await store.open();
    const stop = await store.listen(keyOf('a'), () => {});
    await store.write(keyOf('a'), { a: '1' }, { ttlMs: LONG_MS });
    expect((await store.read(keyOf('a')))?.fields).toEqual({ a: '1' });
    expect(await store.remove(keyOf('a'))).toEqual({ a: '1' });
    await store.ping();
    stop();
  });

  it('says which permission is missing of one that is needed later', async () => {
    const names = nextStream();
    await setUpNats(admin, names);
    const store = stores.open({ ...names, ...as('blind') });
    await store.open();
    const reason = await reasonOf(store.read(keyOf('a')));
    expect(reason).toMatchObject({ code: 'MCP_ADAPTER_UNAVAILABLE' });
    expect(reason.message).toMatch(/NATS refuses .*DIRECT\.GET/i);
  });

  it('keeps to the inboxes that the connection may use', async () => {
    const names = nextStream();
    await setUpNats(admin, names);
    const connection = await connect({ ...as('private'), inboxPrefix: '_PRIVATE' });
    const refused: unknown[] = [];
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') refused.push(status);
    })();
    const store = stores.open({ ...names, connection });
    await store.open();
    await store.write(keyOf('a'), { a: '1' }, { ttlMs: LONG_MS });
    const bodies = Array.from({ length: 100 }, (_, n) => `body-${n}`);
    for (const body of bodies) await store.append(keyOf('a'), 'tag', body, { id: body, limits: WIDE });
    expect((await store.read(keyOf('a')))?.fields).toEqual({ a: '1' });
    const slice = await store.entries(keyOf('a'), 'tag', undefined, 1_000);
    expect(slice?.entries.map(({ body }) => body)).toEqual(bodies);
    expect(refused).toEqual([]);
    await stores.close();
    await connection.close();
  });

  it('says that JetStream is not enabled', async () => {
    const plain = await startNats({ jetStream: false });
    try {
      const reason = await reasonOf(
        stores.open({ servers: plain.url, ...nextStream(), migrate: true }).open(),
      );
      expect(reason).toBeInstanceOf(McpConfigurationError);
      expect(reason.message).toMatch(/JetStream is not enabled/);
    } finally {
      await stores.close();
      await plain.dispose();
    }
  });

  it('says that a server is away, and can be tried again until it is there', async () => {
    const away = await startNats({ port: await freePort() });
    await away.stop();
    const logger = new Logged();
    const store = stores.open({ servers: away.url, ...nextStream(), migrate: true, logger });
    for (const work of [store.open(), store.ping(), store.open()])
      await expect(work).rejects.toMatchObject({ code: 'MCP_ADAPTER_UNAVAILABLE' });
    expect(logger.lines).toEqual([expect.stringMatching(/^warn NATS cannot be reached/)]);
    await away.start();
    await store.open();
    await store.write(keyOf('a'), {}, { ttlMs: LONG_MS });
    expect(logger.lines.slice(1)).toEqual(['log NATS can be reached again']);
    await stores.close();
    await away.dispose();
  });

  it('does nothing before it is opened, and leaves a connection that was given to its owner', async () => {
    const names = { ...nextStream(), migrate: true };
    await natsStore({ servers: 'nats://127.0.0.1:1' }).close();
    const store = natsStore({ connection: admin, ...names });
    await store.open();
    await store.listen(keyOf('a'), () => {});
    await store.close();
    expect(admin.isClosed()).toBe(false);
    await expect(store.ping()).rejects.toMatchObject({ code: 'MCP_ADAPTER_UNAVAILABLE' });
  });
});
