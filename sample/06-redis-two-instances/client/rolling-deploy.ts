import { connect } from './connect.js';
import type { Platform } from './platform.js';
import { until } from './until.js';

/** New instances take the place of old ones while a client works. */
export async function deploymentRolls(platform: Platform): Promise<void> {
  console.log('5. A rolling deployment');
  const { client, line, call } = await connect(platform, 'legacy');
  await call('note', { text: 'made before the deployment' });
  const old = await platform.instances();
  const heard: number[] = [];
  const counting = call('count_shelves', { shelves: 40, delayMs: 100 }, (n) => heard.push(n));
  await until(() => heard.length > 0);
  console.log(`   instance ${line.carriedBy} counts`);
  const deployed = platform.deploy();
  console.log(`   the call that ran meanwhile: ${await counting}`);
  console.log(`   instances ${old.join(' and ')} gave way to ${(await deployed).join(' and ')}`);
  for (let times = 1; times <= 2; times++) {
    const notes = await call('notes');
    console.log(`   instance ${line.answeredBy} reads the notes: ${notes}`);
  }
  await client.close();
}
