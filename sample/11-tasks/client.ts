/** Looks at the tasks from outside, and kills the process that works on one. */
import { setTimeout as delay } from 'node:timers/promises';
import { request, type Task } from './client/mcp.js';

const given = process.env['MCP_URLS'] ?? 'http://127.0.0.1:3000/mcp,http://127.0.0.1:3001/mcp';
const urls = given.split(',');
const call = <T>(name: string, args: object) => request<T>(urls, 'tools/call', { name, arguments: args });

console.log('1. A report that survives the process that writes it');
const chapterMs = Number(process.env['CHAPTER_MS'] ?? 5_000);
const report = await call<Task>('writeReport', { topic: 'Tides', chapters: 4, chapterMs });
let killed = false;
const done = await follow(report.taskId, { title: 'On Tides' }, (message) => {
  const [, chapter, writer] = /^Chapter (\d+) .* process (\d+)$/.exec(message) ?? [];
  if (killed || Number(chapter) < 3) return;
  killed = true;
  process.kill(Number(writer), 'SIGKILL');
  console.log(`   process ${writer} is killed`);
});
console.log(indented(done.result?.content[0]?.text));

console.log('2. A report that a worker prints');
const printing = await call<Task>('printReport', { title: 'On Tides' });
const printed = await follow(printing.taskId, { paper: 'A4' });
console.log(`   printed: ${JSON.stringify(printed.result?.structuredContent)}`);

console.log('3. A list that the model carries from call to call');
const sources = textOf(await call<Text>('beginSources', {}));
for (const url of ['https://tides.example', 'https://moon.example'])
  await call('addSource', { sources, url });
console.log(indented(textOf(await call<Text>('addSource', { sources, url: 'https://sun.example' }))));

interface Text {
  readonly content: readonly { readonly text: string }[];
}

function textOf({ content }: Text): string {
  return content[0]?.text ?? '';
}

function indented(text = ''): string {
  return text.replace(/^/gm, '   ');
}

/** Asks for the task until it is over, tells what has changed, and answers its question. */
async function follow(taskId: string, content: object, onStatus?: (message: string) => void): Promise<Task> {
  let last = '';
  for (;;) {
    const task = await request<Task>(urls, 'tasks/get', { taskId });
    if (task.status === 'input_required') {
      const open = Object.entries(task.inputRequests ?? {});
      for (const [, { params }] of open) console.log(`   asked: ${params.message}`);
      const inputResponses = Object.fromEntries(open.map(([key]) => [key, { action: 'accept', content }]));
      await request(urls, 'tasks/update', { taskId, inputResponses });
    } else if (task.status !== 'working') return task;
    const { statusMessage = '' } = task;
    if (statusMessage !== last) {
      last = statusMessage;
      console.log(`   ${statusMessage}`);
      onStatus?.(statusMessage);
    }
    await delay(200);
  }
}
