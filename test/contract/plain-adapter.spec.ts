import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientRequestAdapter } from '../../lib/adapters/client-request.adapter.js';
import {
  asClientRequestAdapter,
  type PlainClientRequestAdapter,
} from '../../lib/adapters/plain-client-request-adapter.js';
import { asSessionAdapter } from '../../lib/adapters/plain-session-adapter.js';
import { SessionAdapter, type SessionMeta } from '../../lib/adapters/session.adapter.js';
import { clientRequestAdapterContract, sessionAdapterContract } from '../../lib/testing/index.js';
import { FileClientRequestAdapter } from '../../sample/07-writing-an-adapter/files/file-client-request.adapter.js';
import { FileSessionAdapter } from '../../sample/07-writing-an-adapter/files/file-session.adapter.js';
import { instances, keeps } from './support.js';

/** Replays without a return value, as the plainest signature has it. */
class SilentSessionAdapter extends FileSessionAdapter {
  override async replay(...args: Parameters<SessionAdapter['replay']>): Promise<void> {
    await super.replay(...args);
  }
}

async function inDirectory<A extends { close(): Promise<void> }>(open: (directory: string) => A) {
  const directory = await mkdtemp(join(tmpdir(), 'plain-adapter-'));
  return instances(
    () => open(directory),
    () => rm(directory, { recursive: true, force: true }),
  );
}

/** The same methods on an object that has never heard of the base class. */
function sevenMethods(adapter: SessionAdapter) {
  return asSessionAdapter({
    generateSessionId: () => adapter.generateSessionId(),
    create: (...args) => adapter.create(...args),
    has: (...args) => adapter.has(...args),
    get: (...args) => adapter.get(...args),
    appendEvent: (...args) => adapter.appendEvent(...args),
    replay: (...args) => adapter.replay(...args),
    delete: (...args) => adapter.delete(...args),
  });
}

function threeMethods(adapter: ClientRequestAdapter) {
  const plain: PlainClientRequestAdapter = {
    createPending: (...args) => adapter.createPending(...args),
    resolvePending: (...args) => adapter.resolvePending(...args),
    rejectPending: (...args) => adapter.rejectPending(...args),
  };
  return asClientRequestAdapter(plain);
}

function ownMethods(type: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor');
}

describe('plain adapters', () => {
  it('implement what is abstract and override nothing', () => {
    expect(ownMethods(FileSessionAdapter).filter((name) => name in SessionAdapter.prototype)).toEqual([]);
    expect(ownMethods(FileSessionAdapter)).toHaveLength(7);
    expect(
      ownMethods(FileClientRequestAdapter).filter((name) => name in ClientRequestAdapter.prototype),
    ).toEqual([]);
    expect(ownMethods(FileClientRequestAdapter)).toHaveLength(3);
  });

  it('leave no file of a session that was ended', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plain-adapter-'));
    const adapter = new FileSessionAdapter(directory);
    const id = adapter.generateSessionId();
    await adapter.create(id, { protocolVersion: '2025-11-25' });
    await adapter.create(id, { protocolVersion: '2025-11-25' });
    await adapter.appendEvent(id, 'stream', 'message');
    await adapter.open(id, 60_000);
    await adapter.writeState(id, 'key', 'value');
    expect(await readdir(directory)).not.toEqual([]);
    await adapter.end(id);
    expect(await readdir(directory)).toEqual([]);
    await rm(directory, { recursive: true });
  });

  it('leave no file of a question that was answered, rejected or given up', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plain-adapter-'));
    const adapter = new FileClientRequestAdapter(directory);
    const pending = [1, 2, 3, 3].map((id) => adapter.createPending(undefined, id, { timeoutMs: 50 }).promise);
    const outcomes = Promise.allSettled(pending);
    await adapter.resolvePending(undefined, 1, 'answer');
    await adapter.rejectPending(undefined, 2, 'reason');
    expect((await outcomes).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(await readdir(directory)).toEqual([]);
    await rm(directory, { recursive: true });
  });
});

keeps('a file-backed adapter of the seven methods', sessionAdapterContract, () =>
  inDirectory<SessionAdapter>((directory) => new FileSessionAdapter(directory)),
);
keeps('one that does not tell whether a replay is complete', sessionAdapterContract, () =>
  inDirectory<SessionAdapter>((directory) => new SilentSessionAdapter(directory)),
);
keeps('a file-backed adapter of the three methods', clientRequestAdapterContract, () =>
  inDirectory<ClientRequestAdapter>((directory) => new FileClientRequestAdapter(directory)),
);
keeps('the seven methods without the base class', sessionAdapterContract, () =>
  inDirectory((directory) => sevenMethods(new FileSessionAdapter(directory))),
);
keeps('the three methods without the base class', clientRequestAdapterContract, () =>
  inDirectory((directory) => threeMethods(new FileClientRequestAdapter(directory))),
);

type Logs = Map<string, { meta: SessionMeta; events: [id: string, stream: string, message: string][] }>;

/** As written by an author who has read of the methods and of nothing else: no base class, no promises where none are needed. */
class MapSessions {
  readonly #logs: Logs;

  constructor(store: Logs) {
    this.#logs = store;
  }

  generateSessionId() {
    return randomUUID();
  }

  create(id: string, meta: SessionMeta) {
    this.#logs.set(id, { meta: JSON.parse(JSON.stringify(meta)), events: [] });
  }

  has(id: string) {
    return this.#logs.has(id);
  }

  get(id: string) {
    const log = this.#logs.get(id);
    return log && { meta: JSON.parse(JSON.stringify(log.meta)) as SessionMeta };
  }

  appendEvent(id: string, stream: string, message: unknown) {
    const eventId = randomUUID();
    this.#logs.get(id)?.events.push([eventId, stream, JSON.stringify(message)]);
    return this.#logs.has(id) ? eventId : undefined;
  }

  async replay(id: string, last: string, write: (id: string, message: unknown) => Promise<void> | void) {
    const events = [...(this.#logs.get(id)?.events ?? [])];
    const seen = events.findIndex(([eventId]) => eventId === last);
    if (seen < 0) return false;
    for (const [eventId, stream, message] of events.slice(seen + 1)) {
      if (stream === events[seen]?.[1]) await write(eventId, JSON.parse(message));
    }
    return true;
  }

  delete(id: string) {
    this.#logs.delete(id);
  }
}

keeps('a plain class of the seven methods, as it is', sessionAdapterContract, () => {
  const store: Logs = new Map();
  return { adapter: new MapSessions(store), another: async () => new MapSessions(store) };
});
keeps('one plain object of the seven methods, given twice', sessionAdapterContract, () => {
  const adapter = new MapSessions(new Map());
  return { adapter, another: async () => adapter };
});

/** The three methods over another adapter, without the base class. */
class ThreeMethods implements PlainClientRequestAdapter {
  constructor(private readonly adapter: ClientRequestAdapter) {}

  createPending(...args: Parameters<ClientRequestAdapter['createPending']>) {
    return this.adapter.createPending(...args);
  }

  resolvePending(...args: Parameters<ClientRequestAdapter['resolvePending']>) {
    return this.adapter.resolvePending(...args);
  }

  rejectPending(...args: Parameters<ClientRequestAdapter['rejectPending']>) {
    return this.adapter.rejectPending(...args);
  }
}

keeps('a plain class of the three methods, as it is', clientRequestAdapterContract, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'plain-adapter-'));
  const open = () => new ThreeMethods(new FileClientRequestAdapter(directory));
  return {
    adapter: open(),
    another: async () => open(),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
