import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly platform: 'express' | 'fastify';
  /** How many tools to offer; fewer than three are three. */
  readonly tools: number;
  /** What keeps the sessions; none without it. */
  readonly sessions: 'none' | 'memory';
  readonly port: number;
}

const USAGE =
  'bench:server [--platform express|fastify] [--tools N] [--sessions none|memory], PORT in the environment';

/** Reads the command line; throws with the usage for what it does not know. */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      platform: { type: 'string', default: 'express' },
      tools: { type: 'string', default: '3' },
      sessions: { type: 'string', default: 'none' },
    },
  });
  const { platform, sessions } = values;
  const tools = Number(values.tools);
  if (platform !== 'express' && platform !== 'fastify') throw new Error(USAGE);
  if (sessions !== 'none' && sessions !== 'memory') throw new Error(USAGE);
  if (!Number.isSafeInteger(tools) || tools < 0) throw new Error(USAGE);
  return { platform, tools, sessions, port: Number(env['PORT'] ?? 3000) };
}
