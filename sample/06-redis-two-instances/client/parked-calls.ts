import { connect } from './connect.js';
import type { Platform } from './platform.js';
import { failureOf } from './until.js';

/** Clients of 2026-07-28 have no session: each request brings along what the call needs to go on, or to run again. */
export async function callsAreParked(platform: Platform): Promise<void> {
  console.log('4. The same for a client of 2026-07-28');
  let isDeadly = false;
  const { client, line, call } = await connect(platform, 'auto', async () => {
    if (isDeadly) await platform.kill(line.carriedBy);
    return 12;
  });
  console.log(`   all instances live: ${await call('reorder', { item: 'paper' })}`);
  isDeadly = true;
  console.log(`   one died, but the tool is read-only: ${await call('price', { item: 'paper' })}`);
  await platform.settled();
  const failure = await failureOf(call('reorder', { item: 'paper' }));
  console.log(`   one died, and the tool must not run twice: ${failure}`);
  await client.close();
}
