import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  clientRequestAdapterContract,
  notificationBusContract,
  sessionAdapterContract,
  storeContract,
  taskContract,
} from 'nestjs-mcp-adapters/testing';
import { serveWorkers, type RunningWorker } from './support.js';

/** The contracts, as `contract.worker.ts` runs them inside workerd on Durable Objects: some of them in `npm test`. */
const SUITES = {
  StoreNotificationBus: notificationBusContract,
  ...(process.env['TEST_SCOPE'] === 'all' && {
    Store: storeContract,
    StoreSessionAdapter: sessionAdapterContract,
    StoreClientRequestAdapter: clientRequestAdapterContract,
    StoreTaskAdapter: taskContract,
  }),
};

let worker: RunningWorker;
beforeAll(async () => {
  const durableObjects = { STORE: { className: 'McpStoreObject', useSQLite: true } };
  worker = await serveWorkers([{ file: 'contract.worker.ts', durableObjects }]);
});
afterAll(() => worker?.stop());

describe.each(Object.entries(SUITES))('%s in Durable Objects', (suite, cases) => {
  it.each(cases.map(({ name }, index) => [name, index] as const))('%s', async (_, index) => {
    const answer = await fetch(`${worker.url}?suite=${suite}&case=${index}`);
    expect(await answer.text()).toBe('kept');
  });
});
