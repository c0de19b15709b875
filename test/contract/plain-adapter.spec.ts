import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientRequestAdapter } from '../../lib/adapters/client-request.adapter.js';
import {
  asClientRequestAdapter,
  type PlainClientRequestAdapter,
} from '../../lib/adapters/plain-client-request-adapter.js';
import { asSessionAdapter } from '../../lib/adapters/plain-session-adapter.js';
import { SessionAdapter } from '../../lib/adapters/session.adapter.js';
import { clientRequestAdapterContract, sessionAdapterContract } from '../../lib/testing/index.js';
import { FileClientRequestAdapter } from '../../sample/07-writing-an-adapter/files/file-client-request.adapter.js';
import { FileSessionAdapter } from '../../sample/07-writing-an-adapter/files/file-session.adapter.js';
import { instances, keeps } from './support.js';

/** Says nothing of what it replays, as the plainest signature has it. */
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
