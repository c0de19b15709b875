import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpTool, MemoryStore, MemoryStoreData, type McpContext } from 'nestjs-mcp-adapters';
import { answerAll, call, FORM, startTasks, until } from './support.js';

interface Args {
  readonly tags: string[];
}

const input = { type: 'object' };

@Injectable()
class Tools {
  @McpTool({ name: 'required', input, task: { mode: 'required', restartable: true } })
  required(args: Args, ctx: McpContext) {
    return this.#work(args, ctx);
  }

  @McpTool({ name: 'later', input, task: { afterMs: 0, restartable: true } })
  async later(args: Args, ctx: McpContext) {
    args.tags.push('before');
    while (!ctx.task) await new Promise((resolve) => setImmediate(resolve));
    return this.#work(args, ctx);
  }

  async #work(args: Args, ctx: McpContext) {
    args.tags.sort();
    const kept = await ctx.once('kept', () => ({ n: [1] }));
    kept.n.push(2);
    // Written together with whatever the run before has changed.
    await ctx.task?.status('asks');
    await ctx.elicit({ message: 'Go on?', schema: FORM });
    kept.n.push(3);
    args.tags.push('last');
    return JSON.stringify([args.tags, kept.n]);
  }
}

describe('a task that is run again', () => {
  it.each([
    [
      'required',
      [
        ['a', 'b', 'last'],
        [1, 2, 3],
      ],
    ],
    [
      'later',
      [
        ['a', 'b', 'before', 'last'],
        [1, 2, 3],
      ],
    ],
  ])(
    '%s: begins with what the client sent and blocks gave, though a run has changed it',
    async (name, end) => {
      const data = new MemoryStoreData();
      const start = () =>
        startTasks([Tools], { store: new MemoryStore(data), requestStateSecret: 'x'.repeat(32) });
      const first = await start();
      const { taskId } = (await call(first, name, { tags: ['b', 'a'] })).result;
      await until(first, taskId, 'input_required');
      const heir = await start();
      await first.close();
      await answerAll(heir, await until(heir, taskId, 'input_required'));
      const { result } = await until(heir, taskId, 'completed');
      expect(JSON.parse(result.content[0].text)).toEqual(end);
      await heir.close();
    },
  );
});
