import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { SessionClient } from '../support/session-client.js';
import { startBed, type Bed, type Instance } from './bed/bed.js';
import { command, fresh, until } from './support.js';

/** Longer than a command may take: the first attempts are in vain. */
const STALL_MS = 5_000;

/** Moments of a start at which the store goes away. */
const MOMENTS_MS = [0, 150, 300, 450, 600, 900];

const TIMEOUT_MS = 60_000;

let bed: Bed;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  bed = await startBed();
  [instance, other] = bed.instances as [Instance, Instance];
});
afterAll(() => bed?.close());

beforeEach(() => instance.kill('SIGKILL'));

/** Lines about the store that the instance has written. */
function warnings(): number {
  return instance.output.split('cannot be reached (').length;
}

/** Checks that the instance takes part in all that goes through the store. */
async function expectServing(): Promise<void> {
  const client = await SessionClient.open(instance);
  const stream = client.listen();
  await stream.answered();
  const name = fresh('tool');
  await command(other, 'add_tool', { name });
  await stream.message(({ method }: any) => method === 'notifications/tools/list_changed');
  await command(other, 'remove_tool', { name });
  expect(await client.with({ url: other.url }).call('where')).toMatchObject({ status: 200 });
  stream.cut();
  await client.delete();
}

it(
  'an instance that starts without its store serves when that is back',
  async () => {
    await bed.store.stop('SIGTERM');
    const before = warnings();
    const starting = instance.start();
    await until(() => warnings() > before, 'a warning');
    await bed.store.start();
    await starting;
    await expectServing();
  },
  TIMEOUT_MS,
);

it(
  'an instance that starts while its store stands still serves when that goes on',
  async () => {
    const stalled = bed.store.stall(STALL_MS);
    await instance.start();
    await stalled;
    await expectServing();
  },
  TIMEOUT_MS,
);

it(
  'an instance whose store goes away while it starts serves when that is back',
  async () => {
    for (const ms of MOMENTS_MS) {
      const starting = instance.start();
      await delay(ms);
      await bed.store.stop('SIGKILL');
      await bed.store.start();
      await starting;
      await expectServing();
      await instance.kill('SIGKILL');
    }
  },
  TIMEOUT_MS * 2,
);

it(
  'an instance without a store ends when its time is over, and says why',
  async () => {
    await bed.store.stop('SIGTERM');
    const alone = await startBed({ store: bed.store, instances: 1, env: { START_TIMEOUT_MS: '1000' } }).catch(
      ({ message }: Error) => message,
    );
    await bed.store.start();
    expect(alone).toMatch(/ended by itself \([1-9]/);
    expect(alone).toMatch(/Error: .*(ECONNREFUSED|CONNECTION_REFUSED|refused)/i);
  },
  TIMEOUT_MS,
);
