import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { AdapterUnavailableError } from '../../lib/adapters/adapter-unavailable.error.js';
import { RedisStore } from '../../lib/adapters/redis/redis-store.js';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { StoreNotificationBus } from '../../lib/adapters/store/store-notification-bus.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { quiet } from '../support/redis-matrix.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { begin, numbers, Reader, until, works } from './support.js';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(args: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis({ args });
  closing.push(() => server.dispose());
  return server;
}

function openStore(url: string): RedisStore {
  const store = new RedisStore({ url, ...quiet('failures') });
  closing.push(() => store.close());
  return store;
}

function sessionsOn(url: string): StoreSessionAdapter {
  return new StoreSessionAdapter(openStore(url));
}

function requestsOn(url: string): StoreClientRequestAdapter {
  const requests = new StoreClientRequestAdapter(openStore(url));
  closing.push(() => requests.close());
  return requests;
}

function busOn(url: string): StoreNotificationBus {
  const bus = new StoreNotificationBus(openStore(url));
  closing.push(() => bus.close());
  return bus;
}

/** Loses the last writes, as a replica that takes over too early. */
async function restartAsSaved(server: RedisServer): Promise<void> {
  await server.stop('SIGKILL');
  await server.start();
}

describe('a Redis that comes back as it was earlier', () => {
  it('gives event numbers again, and neither a connected nor a resuming reader takes them for the old ones', async () => {
    const server = await start();
    const [sessions, other] = [sessionsOn(server.url), sessionsOn(server.url)];
    const { id, start: first } = await begin(sessions);
    for (const message of numbers(3)) await sessions.appendEvent(id, 'stream', message);
    server.cli('SAVE');
    const lost: (string | undefined)[] = [];
    for (const message of numbers(3)) lost.push(await sessions.appendEvent(id, 'stream', `lost ${message}`));
    const reader = new Reader(other, id, first);
    await until(() => reader.messages.length === 6, 'all events');
    await restartAsSaved(server);
    await until(() => works(() => sessions.has(id)), 'Redis');
    // As many as were lost and more: the numbers are the same, and the reader may see them first.
    for (const message of numbers(5)) await sessions.appendEvent(id, 'stream', `new ${message}`);
    expect(await reader.ended).toMatchObject({ code: 'MCP_EVENTS_LOST' });
    for (const eventId of lost) expect(await other.replay(id, String(eventId), () => {})).toBe(false);
    const replayed: unknown[] = [];
    expect(await other.replay(id, first, (_, message) => void replayed.push(message))).toBe(true);
    expect(replayed).toEqual([...numbers(3), ...numbers(5).map((message) => `new ${message}`)]);
  }, 30_000);

  it('delivers answers to questions that it has lost', async () => {
    const server = await start();
    server.cli('SAVE');
    const [asking, answering] = [requestsOn(server.url), requestsOn(server.url)];
    const { promise, ready } = asking.createPending('session', 1, { timeoutMs: 20_000 });
    await ready;
    await restartAsSaved(server);
    await until(() => answering.resolvePending('session', 1, 'answer').catch(() => false), 'an answer');
    expect(await promise).toBe('answer');
    expect(await answering.resolvePending('session', 1, 'another')).toBe(false);
  }, 30_000);

  it('goes on carrying the events of the bus, each once', async () => {
    const server = await start();
    const [first, second] = [busOn(server.url), busOn(server.url)];
    const received: string[] = [];
    await second.subscribe((event) => void ('uri' in event && received.push(event.uri)));
    const publish = (uri: string) => first.publish({ type: 'resource_updated', server: '', uri });
    for (const uri of ['a', 'b']) await publish(uri);
    server.cli('SAVE');
    for (const uri of ['c', 'd', 'e']) await publish(uri);
    await until(() => received.length === 5, 'the events before');
    await restartAsSaved(server);
    await until(() => works(() => publish('f')), 'Redis');
    for (const uri of ['g', 'h']) await publish(uri);
    await until(() => received.length >= 8, 'the events after');
    expect(received).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  }, 30_000);
});

describe('a primary that is made a replica', () => {
  it('is left at once, for what its name stands for now', async () => {
    const args = ['--repl-diskless-sync-delay', '0'];
    const [first, second] = [await start(args), await start(args)];
    const name = await nameFor(first);
    const sessions = sessionsOn(name.url);
    const { id } = await begin(sessions);
    second.cli('REPLICAOF', '127.0.0.1', String(first.port));
    await until(() => second.cli('INFO', 'replication').includes('master_link_status:up'), 'a replica');
    await until(() => second.cli('DBSIZE') === first.cli('DBSIZE'), 'replication');
    second.cli('REPLICAOF', 'NO', 'ONE');
    first.cli('REPLICAOF', '127.0.0.1', String(second.port));
    name.standFor(second);
    // The connection to the first one stays: only what it answers tells.
    expect(await sessions.appendEvent(id, 'stream', 'after')).toEqual(expect.any(String));
    expect(await sessions.appendEvent(id, 'stream', 'more')).toEqual(expect.any(String));
  }, 30_000);
});

describe('a Redis whose memory is full', () => {
  it('rejects what needs room, and does what makes some', async () => {
    const server = await start();
    const sessions = sessionsOn(server.url);
    const { id } = await begin(sessions);
    const other = (await begin(sessions)).id;
    server.cli('CONFIG', 'SET', 'maxmemory', '1mb');
    for (const fails of [
      () => sessions.create('new', { protocolVersion: '2025-11-25' }),
      () => sessions.appendEvent(id, 'stream', 'more'),
      () => sessions.writeState(id, 'key', 'value'),
    ]) {
      await expect(fails()).rejects.toBeInstanceOf(AdapterUnavailableError);
    }
    expect(await sessions.has('new')).toBe(false);
    expect(await sessions.open(id, 60_000)).toBeDefined();
    await sessions.delete(id);
    expect(await sessions.has(id)).toBe(false);
    server.cli('CONFIG', 'SET', 'maxmemory', '0');
    expect(await sessions.appendEvent(other, 'stream', 'more')).toEqual(expect.any(String));
  }, 30_000);
});

/** An address that stands for one server, and later for another one. */
async function nameFor(server: RedisServer): Promise<{ url: string; standFor(other: RedisServer): void }> {
  let { port } = server;
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((socket) => {
    const target = connect(port, '127.0.0.1');
    for (const each of [socket, target]) {
      sockets.add(each);
      each.on('error', () => {});
    }
    socket.pipe(target).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const { port: own } = proxy.address() as AddressInfo;
  return { url: `redis://127.0.0.1:${own}`, standFor: (other) => void (port = other.port) };
}
