import { afterAll } from '@jest/globals';
import type { ClientRequestAdapter } from '../../lib/adapters/client-request.adapter.js';
import type { SessionAdapter } from '../../lib/adapters/session.adapter.js';
import { clientRequestAdapterContract, sessionAdapterContract } from '../../lib/testing/index.js';
import { ArraySessionAdapter, MapClientRequestAdapter } from './array-adapters.js';
import { clientRequestFaults, leaked, sessionFaults } from './broken-adapters.js';
import { noticesFaults } from './notices-faults.js';
import { instances, keeps } from './support.js';

// Each adapter below is broken in one place: the rest keeps the contract.
keeps('the session adapter that the broken ones are made of', sessionAdapterContract, () => {
  const store = new Map();
  return instances<SessionAdapter>(() => new ArraySessionAdapter(store));
});
keeps('the client request adapter that the broken ones are made of', clientRequestAdapterContract, () => {
  const store = new Map();
  return instances<ClientRequestAdapter>(() => new MapClientRequestAdapter(store));
});

noticesFaults('sessionAdapterContract', sessionAdapterContract, sessionFaults, () => new Map());
noticesFaults(
  'clientRequestAdapterContract',
  clientRequestAdapterContract,
  clientRequestFaults,
  () => new Map(),
);

afterAll(() => {
  for (const timer of leaked) clearTimeout(timer);
});
