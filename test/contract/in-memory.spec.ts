import { InMemoryClientRequestAdapter } from '../../lib/adapters/in-memory/in-memory-client-request.adapter.js';
import {
  InMemorySessionAdapter,
  type InMemorySessionAdapterOptions,
} from '../../lib/adapters/in-memory/in-memory-session.adapter.js';
import type { SessionAdapter } from '../../lib/adapters/session.adapter.js';
import { clientRequestAdapterContract, sessionAdapterContract } from '../../lib/testing/index.js';
import {
  SerialisedClientRequestAdapter,
  SerialisedSessionAdapter,
  SerialisedSevenMethods,
} from './serialising.js';
import { instances, keeps } from './support.js';

/** State in a process has one instance: it stands for the other one too, alone or behind wires of its own. */
function inMemory(
  wrap: (adapter: SessionAdapter) => SessionAdapter,
  options: InMemorySessionAdapterOptions = {},
) {
  return () => {
    const adapter = new InMemorySessionAdapter(options);
    return instances(() => wrap(adapter));
  };
}

const alone = (adapter: SessionAdapter) => adapter;
const wired = (adapter: SessionAdapter) => new SerialisedSessionAdapter(adapter);
const wiredSeven = (adapter: SessionAdapter) => new SerialisedSevenMethods(adapter);

keeps('InMemorySessionAdapter', sessionAdapterContract, inMemory(alone));
keeps(
  'InMemorySessionAdapter that keeps little',
  sessionAdapterContract,
  inMemory(alone, { maxEventBufferSize: 100, maxEventBufferBytes: 2_000_000 }),
);
keeps('InMemorySessionAdapter behind a wire', sessionAdapterContract, inMemory(wired));
keeps(
  'the seven methods of InMemorySessionAdapter behind a wire',
  sessionAdapterContract,
  inMemory(wiredSeven),
);

keeps('InMemoryClientRequestAdapter', clientRequestAdapterContract, () => {
  const adapter = new InMemoryClientRequestAdapter();
  return instances(() => adapter);
});
keeps('InMemoryClientRequestAdapter behind a wire', clientRequestAdapterContract, () => {
  const adapter = new InMemoryClientRequestAdapter();
  return instances(() => new SerialisedClientRequestAdapter(adapter));
});
