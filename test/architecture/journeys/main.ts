/**
 * `npm run journeys`: files and functions of lib/ that typical requests walk through, and the commands that a Redis is sent
 * for them; `-- --files` names the files.
 */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.js';
import { startRedis } from '../../support/redis.js';
import { CommandCounter } from './commands.js';
import { startJourneys, startJourneysOn } from './journeys.js';

const { values } = parseArgs({ options: { files: { type: 'boolean', default: false } } });

const { journeys, close } = await startJourneys();
const coverage = new Coverage();
await coverage.start();
for (const [name, walk] of Object.entries(journeys)) {
  // Objects made at first use are not part of the journey.
  await walk();
  await walk();
  const { files, functions } = await coverage.of(walk);
  console.log(
    `${name.padEnd(36)} ${String(files.length).padStart(3)} files ${String(functions).padStart(4)} functions`,
  );
  if (values.files) console.log(files.map((file) => `  ${file}`).join('\n'));
}
await close();

console.log('\nCommands that a Redis is sent (without signs of life):');
const redis = await startRedis();
const onRedis = await startJourneysOn(redis.url);
const monitor = await CommandCounter.start(redis.port);
for (const [name, walk] of Object.entries(onRedis.journeys)) {
  await walk();
  await walk();
  console.log(`${name.padEnd(36)} ${String(await monitor.leastOf(walk)).padStart(3)} commands`);
}
monitor.stop();
await onRedis.close();
await redis.dispose();
