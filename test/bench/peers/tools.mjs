/** The tools of every peer: those of `../server`, with zod schemas, which is what the peers' documentation uses. */
import { parseArgs } from 'node:util';
import * as z from 'zod';

const { values } = parseArgs({
  options: {
    tools: { type: 'string', default: '3' },
    sessions: { type: 'boolean', default: false },
    platform: { type: 'string', default: 'express' },
    json: { type: 'boolean', default: false },
  },
});

/** `--tools N`, `--sessions`, `--json` (answer with JSON where the peer would stream by default), `--platform`. */
export const options = { ...values, tools: Number(values.tools) };

export const port = Number(process.env.PORT ?? 0);

/** Line that the runner waits for. */
export function announce(port) {
  console.log(`listening on http://127.0.0.1:${port}/mcp`);
}

const text = (value) => ({ content: [{ type: 'text', text: value }] });

/**
 * `run` gets the arguments, and the peer's own way to report progress and to ask.
 * @type {{ name: string, description: string, input: z.ZodObject, run: Function }[]}
 */
export const tools = [
  {
    name: 'echo',
    description: 'Returns the text',
    input: z.object({ text: z.string() }),
    run: ({ text: said }) => text(said),
  },
  {
    name: 'progress',
    description: 'Reports progress so many times',
    input: z.object({ steps: z.int().min(0).max(1_000_000) }),
    run: async ({ steps }, { progress }) => {
      for (let step = 1; step <= steps; step += 1) await progress({ progress: step, total: steps });
      return text(`${steps} steps`);
    },
  },
  {
    name: 'ask',
    description: 'Asks the user and returns the answer',
    input: z.object({ q: z.string() }),
    run: async ({ q }, { ask }) => text(JSON.stringify(await ask(q))),
  },
  ...Array.from({ length: Math.max(0, options.tools - 3) }, (_, index) => ({
    name: `tool_${index + 1}`,
    description: `Tool number ${index + 1}`,
    input: z.strictObject({
      city: z.string().describe('Name of a city'),
      days: z.int().min(1).max(14).optional(),
      unit: z.enum(['celsius', 'fahrenheit']).optional(),
    }),
    run: ({ city }) => text(city),
  })),
];

/** Schema of the answer to `ask`. */
export const formSchema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
