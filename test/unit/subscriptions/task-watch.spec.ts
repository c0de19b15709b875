import { describe, expect, it } from '@jest/globals';
import type { TaskAdapter, TaskData } from '../../../lib/adapters/task.adapter.js';
import { TaskWatch } from '../../../lib/subscriptions/task-watch.js';
import { until } from '../../support/until.js';

function dataOf(statusMessage: string, status: TaskData['status'] = 'working'): TaskData {
  const time = new Date(0).toISOString();
  return {
    ...{ principal: null, call: {}, isRestartable: false, ttlMs: 60_000, pollIntervalMs: 1_000 },
    ...{ status, statusMessage, createdAt: time, lastUpdatedAt: time, run: 'run' },
    ...{ inputRequests: {}, answers: {}, blocks: {}, isCancelRequested: false },
  };
}

/** A task as an adapter has it, whose changes are told when the test says so. */
class Watched {
  data = dataOf('first');
  ring = () => {};
  failures = { watch: 0, get: 0 };
  readonly told: string[] = [];
  readonly errors: unknown[] = [];
  onTold = () => {};
  watches = 0;

  follow(): TaskWatch {
    const fail = (method: 'watch' | 'get') => {
      if (this.failures[method]-- > 0) throw new Error(`${method}: the store is away`);
    };
    const tasks = {
      watch: async (_: string, ring: () => void) => {
        this.watches++;
        fail('watch');
        this.ring = ring;
        return () => (this.ring = () => {});
      },
      get: async () => {
        fail('get');
        return { data: this.data, version: '1', remainingMs: 1 };
      },
    } as unknown as TaskAdapter;
    return new TaskWatch('task', {
      tasks,
      offer: ({ statusMessage = '' }) => {
        this.told.push(statusMessage);
        this.onTold();
        return true;
      },
      drained: () => undefined,
      onError: (error) => this.errors.push(error),
    });
  }
}

describe('the watch of a task', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'hears of a change %i turns after it has told another',
    async (turns) => {
      const watched = new Watched();
      watched.onTold = () => {
        watched.onTold = () => {};
        const change = (left: number): void => {
          if (left > 0) return queueMicrotask(() => change(left - 1));
          watched.data = dataOf('last', 'completed');
          watched.ring();
        };
        change(turns);
      };
      watched.follow();
      await until(() => watched.told.includes('last'), 'the last state');
      expect(watched.told).toEqual(['first', 'last']);
    },
  );

  it('follows a task that it could not follow at first, and tells of the outage once', async () => {
    const watched = new Watched();
    watched.failures = { watch: 2, get: 1 };
    const watch = watched.follow();
    await until(() => watched.watches === 3 && watched.told.length === 1, 'the watch');
    expect(watched.errors).toHaveLength(1);
    watched.data = dataOf('second');
    watched.ring();
    await until(() => watched.told.length === 2, 'the next state');
    watched.failures.get = 3;
    for (let n = 0; n < 3; n++) {
      watched.ring();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(watched.errors).toHaveLength(2);
    watch.stop();
  });

  it('does not try again once it is stopped', async () => {
    const watched = new Watched();
    watched.failures.watch = Infinity;
    const watch = watched.follow();
    await until(() => watched.told.length === 1, 'the state now');
    watch.stop();
    const { watches } = watched;
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(watched.watches).toBe(watches);
  });
});
