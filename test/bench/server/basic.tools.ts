import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';

/** The three tools that every benchmark server has. */
@Injectable()
export class BasicTools {
  @McpTool({
    name: 'echo',
    description: 'Returns the text',
    input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  })
  echo({ text }: { text: string }): string {
    return text;
  }

  @McpTool({
    name: 'progress',
    description: 'Reports progress so many times',
    input: {
      type: 'object',
      properties: {
        steps: { type: 'integer', minimum: 0, maximum: 1_000_000 },
        awaits: { type: 'boolean' },
      },
      required: ['steps'],
    },
  })
  async progress(
    { steps, awaits = true }: { steps: number; awaits?: boolean },
    ctx: McpContext,
  ): Promise<string> {
    for (let step = 1; step <= steps; step += 1) {
      const said = ctx.progress(step, steps);
      if (awaits) await said;
    }
    return `${steps} steps`;
  }

  @McpTool({
    name: 'ask',
    description: 'Asks the user and returns the answer',
    input: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
  })
  async ask({ q }: { q: string }, ctx: McpContext): Promise<string> {
    const answer = await ctx.elicit({
      message: q,
      schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
    });
    return JSON.stringify(answer);
  }
}
