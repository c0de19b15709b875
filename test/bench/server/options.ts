import { parseArgs } from 'node:util';

const SESSIONS = ['none', 'memory', 'redis', 'postgres', 'nats'] as const;
type Sessions = (typeof SESSIONS)[number];

export interface BenchOptions {
  readonly platform: 'express' | 'fastify';
  /** How many tools to offer; fewer than three are three. */
  readonly tools: number;
  /** Keeper of the sessions. Stores are at `REDIS_URL`, `DATABASE_URL` or `NATS_URL`, by default local ones. */
  readonly sessions: Sessions;
  readonly mount: 'route' | 'direct';
  readonly port: number;
}

const USAGE =
  'bench:server [--platform express|fastify] [--tools N] [--sessions none|memory|redis|postgres|nats] [--mount route|direct], PORT and REDIS_URL, DATABASE_URL or NATS_URL in the environment';

/** Reads the command line; throws with the usage for what it does not know. */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      platform: { type: 'string', default: 'express' },
      tools: { type: 'string', default: '3' },
      sessions: { type: 'string', default: 'none' },
      mount: { type: 'string', default: 'route' },
    },
  });
  const { platform, sessions, mount } = values;
  const tools = Number(values.tools);
  if (platform !== 'express' && platform !== 'fastify') throw new Error(USAGE);
  if (!isSessions(sessions)) throw new Error(USAGE);
  if (mount !== 'route' && mount !== 'direct') throw new Error(USAGE);
  if (!Number.isSafeInteger(tools) || tools < 0) throw new Error(USAGE);
  return { platform, tools, sessions, mount, port: Number(env['PORT'] ?? 3000) };
}

function isSessions(value: string): value is Sessions {
  return SESSIONS.some((known) => known === value);
}
