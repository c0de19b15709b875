/** Asks one question and waits: a process to be killed meanwhile. Its arguments: URL of Redis, how long to wait. */
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { onRedis } from './support.js';

const [url = '', timeoutMs] = process.argv.slice(2);
const adapter = onRedis(StoreClientRequestAdapter, { url });
const { promise, ready } = adapter.createPending('session', 1, { timeoutMs: Number(timeoutMs) });
await ready;
process.stdout.write('asked\n');
process.stdout.write(`${JSON.stringify(await promise)}\n`);
await adapter.close();
