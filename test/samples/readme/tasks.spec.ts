import { expect, it } from '@jest/globals';
import { McpTasks, MemoryStore } from 'nestjs-mcp-adapters';
import { call, startTasks, until } from '../../e2e/tasks/support.js';
import { Printer, Queue, ReportTools } from './report.tools.js';

it('the tools of the page about tasks report, and are completed by a worker', async () => {
  const jobs: string[] = [];
  const queue: Queue = { add: (_name, { task }) => void jobs.push(task as string) };
  const app = await startTasks([ReportTools, { provide: Queue, useValue: queue }], {
    store: new MemoryStore(),
  });
  expect((await call(app, 'make_report')).result.content[0].text).toBe('All is well.');

  const { taskId } = (await call(app, 'print_report')).result;
  while (jobs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Printer(app.app.get(McpTasks, { strict: false })).print({ task: jobs[0] as string });
  const task = await until(app, taskId as string, 'completed');
  expect(task.result.content[0].text).toBe('It is in the tray.');
  await app.close();
});
