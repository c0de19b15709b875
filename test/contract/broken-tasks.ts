import { setImmediate as turn } from 'node:timers/promises';
import type { MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import { MemoryStore } from '../../lib/adapters/in-memory/memory-store.js';
import { StoreTaskAdapter } from '../../lib/adapters/store/store-task.adapter.js';
import type { TaskData } from '../../lib/adapters/task.adapter.js';
import type { Faults } from './broken-adapters.js';

class Sound extends StoreTaskAdapter {
  constructor(data: MemoryStoreData) {
    super(new MemoryStore(data));
  }
}

export const taskFaults: Faults<MemoryStoreData, StoreTaskAdapter> = {
  'looks at the version and writes in two steps': {
    adapter: class extends Sound {
      override async change(taskId: string, version: string, data: TaskData) {
        const before = await this.get(taskId);
        await turn();
        if (before?.version !== version) return undefined;
        const now = await this.get(taskId);
        return now && super.change(taskId, now.version, data);
      }
    },
    caughtBy: ['lets exactly one change a version'],
  },

  'keeps a task longer with each change': {
    adapter: class extends Sound {
      override async change(taskId: string, version: string, data: TaskData) {
        const before = await this.get(taskId);
        if (before?.version !== version) return undefined;
        return this.create(taskId, data);
      }
    },
    caughtBy: ['forgets a task when its time is over, however often it is changed'],
  },

  'answers what is answered': {
    adapter: class extends Sound {
      override async answer(taskId: string, responses: Readonly<Record<string, unknown>>) {
        const task = await this.get(taskId);
        if (!task) return false;
        const answers = { ...task.data.answers, ...responses };
        await this.change(taskId, task.version, { ...task.data, answers });
        return true;
      }
    },
    caughtBy: [
      'takes answers to open questions, each once',
      'lets one of two answers to a question win',
      'loses no answer and no change of many at once',
    ],
  },

  'cancels what is final': {
    adapter: class extends Sound {
      override async cancel(taskId: string) {
        const task = await this.get(taskId);
        if (!task) return false;
        await this.change(taskId, task.version, { ...task.data, isCancelRequested: true });
        return true;
      }
    },
    caughtBy: ['asks a run to end, but changes nothing that is final'],
  },

  'tells nobody of what others change': {
    adapter: class extends Sound {
      override async watch() {
        return () => {};
      }
    },
    caughtBy: ['tells those who watch of every change, until they stop'],
  },

  'takes living instances for dead': {
    adapter: class extends Sound {
      override async close() {}
      override async claimOrphans() {
        return { taskIds: ['one'] };
      }
    },
    caughtBy: ['leaves tasks to the instance that gives signs of life'],
  },

  'never finds an orphan': {
    adapter: class extends Sound {
      override async claimOrphans() {
        return undefined;
      }
    },
    caughtBy: [
      'gives each orphan to exactly one heir',
      'gives orphans of an heir that is gone, too, to the next',
      'hands over what may run again, at once',
    ],
  },

  'keeps what was released for an heir': {
    adapter: class extends Sound {
      override async release() {}
    },
    caughtBy: ['has no orphans among what was released', 'gives each orphan to exactly one heir'],
  },

  'believes to own everything': {
    adapter: class extends Sound {
      override async owns() {
        return true;
      }
    },
    caughtBy: ['knows what it owns: what it made or took over, until it is released'],
  },

  'hands nothing over': {
    adapter: class extends Sound {
      override async handOver() {}
    },
    caughtBy: ['hands over what may run again, at once'],
  },
};
