import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { ClearDto, TaskDto } from './todo.dto.js';

/** A list for each session. */
@Injectable()
export class TodoTools {
  @McpTool({ name: 'add_task', description: 'Adds a task to the list' })
  async addTask({ text }: TaskDto, ctx: McpContext) {
    const tasks = await this.tasks(ctx);
    await ctx.session.set('tasks', [...tasks, text]);
    return `${tasks.length + 1} tasks`;
  }

  @McpTool({ name: 'list_tasks', description: 'What is on the list' })
  async listTasks(_args: unknown, ctx: McpContext) {
    return { tasks: await this.tasks(ctx) };
  }

  @McpTool({ name: 'clear_tasks', description: 'Empties the list, if the user agrees' })
  async clearTasks(_args: unknown, ctx: McpContext) {
    const tasks = await this.tasks(ctx);
    const answer = await ctx.elicit({ message: `Forget ${tasks.length} tasks?`, schema: ClearDto });
    if (answer.action !== 'accept' || !answer.content.sure) return 'Nothing was forgotten';
    for (const [index, task] of tasks.entries()) await ctx.progress(index + 1, tasks.length, task);
    await ctx.session.delete('tasks');
    return `${tasks.length} tasks forgotten`;
  }

  private async tasks(ctx: McpContext): Promise<string[]> {
    return (await ctx.session.get<string[]>('tasks')) ?? [];
  }
}
