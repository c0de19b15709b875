import { connect } from './connect.js';
import type { Platform } from './platform.js';
import { until } from './until.js';

const SHELVES = 40;

/** The instance that runs a call and the one that carries its stream need not be the same. */
export async function streamMoves(platform: Platform): Promise<void> {
  console.log('2. A stream goes on although the instance that carries it dies');
  const { client, line, call } = await connect(platform, 'legacy');
  const heard: number[] = [];
  const counting = call('count_shelves', { shelves: SHELVES, delayMs: 100 }, (n) => heard.push(n));
  await until(() => heard.length > 0);
  const runner = line.carriedBy;
  console.log(`   instance ${runner} counts and carries the stream; the connection breaks`);
  while (line.carriedBy === runner) {
    const { connections } = line;
    line.cut();
    await until(() => line.connections > connections);
  }
  console.log(`   instance ${line.carriedBy} carries the stream`);
  await platform.kill(line.carriedBy);
  const result = await counting;
  console.log(`   instance ${line.carriedBy} brings the result: ${result}`);
  const isComplete = heard.join() === Array.from({ length: SHELVES }, (_, n) => n + 1).join();
  console.log(`   the client heard of ${isComplete ? `shelves 1 to ${SHELVES}, each once` : heard.join()}`);
  await client.close();
}
