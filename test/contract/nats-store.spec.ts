import { afterAll, beforeAll } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { natsStore, setUpNats } from '../../lib/adapters/nats/index.js';
import { startNats, type NatsServer } from '../support/nats.js';
import { adaptersKeepContracts, storeKeepsContract, tasksKeepContract } from './store.js';

let nats: NatsServer;
let connection: NatsConnection;
let count = 0;

beforeAll(async () => {
  nats = await startNats();
  connection = await connect({ servers: nats.url });
}, 60_000);

afterAll(async () => {
  await connection.close();
  await nats.dispose();
});

/** A stream of its own for each case, so that each begins with nothing. */
const emptyStore = async () => {
  const names = { stream: `CASE_${++count}`, subjectPrefix: `case-${count}` };
  await setUpNats(connection, { ...names, storage: 'memory' });
  return () => natsStore({ servers: nats.url, commandTimeoutMs: 10_000, ...names });
};

storeKeepsContract('NatsStore', emptyStore);
adaptersKeepContracts('NatsStore', emptyStore);
tasksKeepContract('NatsStore', emptyStore);
