import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { JwtTokenVerifierOptions } from 'nestjs-mcp-adapters/jwt';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import type { TestApp } from '../../support/app.js';
import { startRedis } from '../../support/redis.js';
import { Gate, toolsOf } from '../sessions/fixture.js';
import { SECOND_ISSUER } from './cast.js';
import { startProtected } from './fixture.js';
import type { TestIssuer } from './issuer.js';

/** Where state lives. */
export interface World {
  readonly adapters: () => McpModuleOptions;
  readonly dispose: () => Promise<void>;
}

export const WORLDS: readonly [name: string, start: () => Promise<World>][] = [
  [
    'in memory',
    () =>
      Promise.resolve({
        adapters: () => ({
          sessionAdapter: new InMemorySessionAdapter(),
          clientRequestAdapter: new InMemoryClientRequestAdapter(),
        }),
        dispose: () => Promise.resolve(),
      }),
  ],
  [
    'in Redis',
    async () => {
      const redis = await startRedis();
      let stores = 0;
      return {
        adapters: () => ({
          store: redisStore({ url: redis.url, keyPrefix: `auth-${stores++}` }),
          serverInfo: { name: 'test', version: '1.0.0' },
          requestStateSecret: 'the same secret on every instance of the tests',
        }),
        dispose: () => redis.dispose(),
      };
    },
  ],
];

const SCHEMA = { type: 'object', properties: { name: { type: 'string' } } };

export interface Stage extends TestApp {
  /** Lets what `hold` holds go on. */
  readonly gate: Gate;
  /** Answers to `ask`, in order. */
  readonly answers: unknown[];
  /** Calls of `hold` whose signal was aborted. */
  readonly aborted: unknown[];
}

/** A server with tools that wait, ask and tell who calls them. */
export async function startStage(
  issuer: TestIssuer,
  mcp: McpModuleOptions,
  jwt: Partial<JwtTokenVerifierOptions> = {},
): Promise<Stage> {
  const gate = new Gate();
  const answers: unknown[] = [];
  const aborted: unknown[] = [];
  const app = await startProtected({
    issuer,
    mcp,
    auth: { requiredScopes: ['mcp'] },
    jwt: { issuer: [issuer.url, SECOND_ISSUER], ...jwt },
    tools: [
      toolsOf({
        who: (ctx: McpContext) => String(ctx.principal?.subject),
        hold: async (ctx) => {
          ctx.signal.addEventListener('abort', () => aborted.push(ctx.request.id));
          await ctx.progress(1);
          await gate.opened;
          return `held for ${ctx.principal?.subject}`;
        },
        ask: async (ctx) => {
          const answer = await ctx.elicit({ message: 'Who?', schema: SCHEMA });
          answers.push(answer);
          return `${ctx.principal?.subject} heard ${JSON.stringify(answer.action)}`;
        },
      }),
    ],
  });
  return { ...app, gate, answers, aborted };
}
