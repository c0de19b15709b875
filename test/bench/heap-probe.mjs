/** Loaded into a server with `--import` and `--expose-gc`: on SIGCONT, which nobody else listens to, it says how much of the heap and how many handles are in use. */
import { setTimeout } from 'node:timers/promises';

process.on('SIGCONT', async () => {
  // Memory that finalizers and closed connections release is collected by a later round only.
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc();
    await setTimeout(50);
  }
  console.log(`heap ${process.memoryUsage().heapUsed} handles ${process.getActiveResourcesInfo().length}`);
});
