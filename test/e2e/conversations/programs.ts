import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { McpError, type McpContext } from 'nestjs-mcp-adapters';
import { formOf } from './fixture.js';

/** Steps that a handler is told to do, as data. */
export type Step =
  | { readonly kind: 'ask' | 'sample' | 'roots' }
  | { readonly kind: 'named'; readonly key: string }
  | { readonly kind: 'parallel'; readonly of: readonly Step[] }
  | { readonly kind: 'once' | 'failing once'; readonly key: string }
  | { readonly kind: 'progress' | 'log' | 'wait' | 'give up if declined' }
  | { readonly kind: 'throw'; readonly what: 'error' | 'protocol error' };

export type Program = readonly Step[];

const key = fc.constantFrom('k1', 'k2', 'k3');
const question = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'ask' }) },
  fc.constant<Step>({ kind: 'sample' }),
  fc.constant<Step>({ kind: 'roots' }),
);
const block = fc.record({ kind: fc.constantFrom('once' as const, 'failing once' as const), key });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: question },
  { weight: 3, arbitrary: fc.array(fc.oneof(question, block), { minLength: 2, maxLength: 4 }).map(parallel) },
  { weight: 3, arbitrary: block },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('progress' as const, 'log' as const, 'wait' as const) }),
  },
  fc.record({ kind: fc.constant('give up if declined' as const) }),
  fc.record({
    kind: fc.constant('throw' as const),
    what: fc.constantFrom('error' as const, 'protocol error' as const),
  }),
);

function parallel(of: readonly Step[]): Step {
  return { kind: 'parallel', of };
}

/** Programs in which every chosen key is another. */
export const programs: fc.Arbitrary<Program> = fc
  .array(fc.oneof({ weight: 9, arbitrary: step }, fc.constant<Step>({ kind: 'named', key: '' })), {
    maxLength: 8,
  })
  .map((steps) =>
    steps.map((each, index) => (each.kind === 'named' ? { kind: 'named', key: `named ${index}` } : each)),
  );

/** Runs a program. What it asks is numbered, so that the client can answer each question in its own way. */
export async function runProgram(
  program: Program,
  ctx: McpContext,
  did: (what: string) => void,
): Promise<unknown> {
  const results: unknown[] = [];
  let asked = 0;
  let progress = 0;
  let isDeclined = false;

  const run = async (each: Step): Promise<unknown> => {
    switch (each.kind) {
      case 'ask':
      case 'named': {
        const chosen = each.kind === 'named' ? { key: each.key } : {};
        const answer = await ctx.elicit({
          message: `Question ${asked++}`,
          schema: formOf('name'),
          ...chosen,
        });
        if (answer.action === 'decline') isDeclined = true;
        return answer;
      }
      case 'sample': {
        const content = { type: 'text', text: `Question ${asked++}` } as const;
        return ctx.sample({ messages: [{ role: 'user', content }], maxTokens: 5 });
      }
      case 'roots':
        return ctx.listRoots();
      case 'parallel':
        return Promise.all(each.of.map(run));
      case 'once':
      case 'failing once':
        return ctx
          .once(each.key, async () => {
            await delay(1);
            did(each.key);
            if (each.kind === 'failing once') throw new Error(`failed ${each.key}`);
            return { done: each.key };
          })
          .catch((error: Error) => error.message);
      case 'progress':
        return ctx.progress(++progress);
      case 'log':
        return ctx.log.info(`after ${results.length}`);
      case 'wait':
        return delay(1, undefined);
      case 'give up if declined':
        if (isDeclined) throw new McpError(-7, 'declined');
        return undefined;
      case 'throw':
        throw each.what === 'error' ? new Error('on purpose') : new McpError(-8, 'on purpose');
    }
  };

  for (const each of program) results.push((await run(each)) ?? null);
  return JSON.stringify(results);
}
