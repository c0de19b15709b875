import type { TaskAdapter, TaskData } from 'nestjs-mcp-adapters';
import type { StoreAdapters } from 'nestjs-mcp-adapters/adapters';

const DATA: TaskData = {
  status: 'working',
  createdAt: new Date().toISOString(),
  lastUpdatedAt: new Date().toISOString(),
  ttlMs: 600_000,
  principal: null,
  call: { tool: 'report', sealed: 'x'.repeat(600) },
  isRestartable: true,
  run: 'run',
  inputRequests: {},
  answers: {},
  blocks: {},
  isCancelRequested: false,
};

/** Tasks that wait at a time, and that are created at a time, where that is measured. */
const WAITING = 2_000;
const AT_ONCE = 8;

/** Measures the cost of a task: made here, read and answered there. */
export async function measureTasks(
  { taskAdapter: here }: StoreAdapters,
  { taskAdapter: there }: StoreAdapters,
  each: (work: () => Promise<unknown>) => Promise<string>,
): Promise<Record<string, string>> {
  await here.open();
  let count = 0;
  const create = async () => {
    const id = `task-${count++}`;
    await here.create(id, DATA);
    return id;
  };
  const first = await create();
  // Released at once, so that what an instance owns does not grow with the rounds.
  const made = await each(async () => here.release(await create()));
  const read = await each(() => there.get(first));
  const status = await each(() => change(here, first, (data) => ({ ...data, statusMessage: `${count++}` })));
  const began = performance.now();
  const total = 100;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let n = 0; n < total; n++) await create();
    }),
  );
  const perSecond = (AT_ONCE * total * 1_000) / (performance.now() - began);
  const bytes = await waitingBytes(here);
  return {
    'task: created and released': made,
    'task: read elsewhere': read,
    'task: status': status,
    [`tasks created/s, ${AT_ONCE} at once`]: perSecond.toFixed(0),
    'bytes of a waiting task': bytes,
  };
}

async function change(
  adapter: TaskAdapter,
  id: string,
  changed: (data: TaskData) => TaskData,
): Promise<void> {
  const task = await adapter.get(id);
  if (task) await adapter.change(id, task.version, changed(task.data));
}

/** Memory of this process for a watched task, which is what a run holds besides its handler. */
async function waitingBytes(adapter: TaskAdapter): Promise<string> {
  if (!globalThis.gc) return '–';
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const stops: (() => void)[] = [];
  for (let n = 0; n < WAITING; n++) stops.push(await adapter.watch(`waiting-${n}`, () => {}));
  globalThis.gc();
  const bytes = (process.memoryUsage().heapUsed - before) / WAITING;
  for (const stop of stops) stop();
  return bytes.toFixed(0);
}
