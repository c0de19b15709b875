import type { History } from './history.js';
import type { Notes } from './notes.js';

/** No handler runs twice, unless it may, and the instance that ran it is gone or a retry has got no answer. */
export function* checkRuns({ calls, outages }: History, notes: Notes): Generator<string> {
  for (const { mark, tool, isRepeatable, isDoubtful, isOfficial } of calls) {
    const runners = notes.runners(mark);
    if (runners.length < 2) continue;
    const earlier = runners.slice(0, -1);
    const areGone = earlier.every((runner) => outages.all.some(({ pid }) => pid === runner));
    const isExcused = areGone || (isDoubtful && !isOfficial);
    if (!isRepeatable || !isExcused) yield `run twice: ${tool} ${mark} ran ${runners.length} times`;
  }
}
