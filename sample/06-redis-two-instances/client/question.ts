import { connect } from './connect.js';
import type { Platform } from './platform.js';
import { failureOf } from './until.js';

/** In a session a running call cannot move. What matters: the client is told, and the session goes on. */
export async function instanceDiesWhileAsking(platform: Platform): Promise<void> {
  console.log('3. The instance that runs a call dies while it asks');
  let killedAt = 0;
  const { client, line, call } = await connect(platform, 'legacy', async () => {
    await platform.kill(line.carriedBy);
    killedAt = performance.now();
    return 12;
  });
  await call('note', { text: 'paper is needed' });
  const failure = await failureOf(call('reorder', { item: 'paper' }));
  const seconds = ((performance.now() - killedAt) / 1_000).toFixed(1);
  console.log(`   the call fails, ${seconds} s after that: ${failure}`);
  console.log(`   the session goes on, its notes are: ${await call('notes')}`);
  await client.close();
}
