import { Injectable } from '@nestjs/common';
import { IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import type { SessionData, SessionMeta } from 'nestjs-mcp-adapters/adapters';
import { startApp, type Platform } from '../../../support/app.js';

/** Message of a failing handler, which no client may read. */
export const SECRET = 'SECRET-of-the-server';

/** Names a call and whom it belongs to: `~alice/12~`. Whatever a handler sends holds the mark of its call. */
export const MARK = /~(alice|bob)\/(\w+)~/g;

let marks = 0;

/** An unused mark: a request of an earlier run may still be on its way when its client has left. */
export function newMark(user: string): string {
  return `~${user}/${(marks++).toString(36)}~`;
}

class InnerDto {
  @IsString()
  @MaxLength(100)
  city!: string;
}

class TypedDto {
  @IsString()
  mark!: string;

  @IsOptional()
  @ValidateNested()
  inner?: InnerDto;
}

const marked = { type: 'object', properties: { mark: { type: 'string' } }, required: ['mark'] } as const;

/** Side effects of handlers. */
export class Log {
  /** How often the handler of a call has run, by mark. */
  readonly runs = new Map<string, number>();
  /** Calls whose handler saw another caller than its mark says. */
  readonly strangers: string[] = [];

  clear(): void {
    this.runs.clear();
    this.strangers.length = 0;
  }

  enter(mark: unknown, ctx: McpContext): string {
    const text = String(mark);
    this.runs.set(text, (this.runs.get(text) ?? 0) + 1);
    const caller = ctx.principal?.subject ?? 'nobody';
    for (const [mark, owner] of text.matchAll(MARK)) {
      if (owner !== caller) this.strangers.push(`${mark} ran for ${caller}`);
    }
    return text;
  }
}

@Injectable()
export class FuzzedHandlers {
  constructor(private readonly log: Log) {}

  @McpTool({ name: 'echo', input: marked })
  echo({ mark }: { mark: string }, ctx: McpContext) {
    return this.log.enter(mark, ctx);
  }

  @McpTool({ name: 'count', input: marked })
  async count({ mark }: { mark: string }, ctx: McpContext) {
    const said = this.log.enter(mark, ctx);
    for (let step = 1; step <= 3; step++) await ctx.progress(step, 3, said);
    await ctx.log.info(said);
    return said;
  }

  @McpTool({ name: 'ask', input: marked })
  async ask({ mark }: { mark: string }, ctx: McpContext) {
    const said = this.log.enter(mark, ctx);
    const schema = { type: 'object', properties: { say: { type: 'string', maxLength: 200 } } } as const;
    const answer = await ctx.elicit({ message: said, schema });
    const text = answer.action === 'accept' ? String(answer.content['say']) : answer.action;
    return `${said} was told ${text}`;
  }

  @McpTool({ name: 'wait', input: marked })
  async wait({ mark }: { mark: string }, ctx: McpContext) {
    const said = this.log.enter(mark, ctx);
    await ctx.progress(1, 2, said);
    if (!ctx.signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        ctx.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return said;
  }

  @McpTool({ name: 'fail', input: { type: 'object' } })
  fail() {
    throw new Error(`${SECRET} at ${import.meta.url}`);
  }

  @McpTool({ name: 'typed' })
  typed(args: TypedDto, ctx: McpContext) {
    return { said: this.log.enter(args.mark, ctx), city: args.inner?.city ?? 'none' };
  }

  @McpTool({
    name: 'strict',
    input: {
      type: 'object',
      properties: {
        mark: { type: 'string', pattern: '^[~\\w/]+$' },
        at: { type: 'string', format: 'date-time' },
      },
      required: ['mark'],
      additionalProperties: false,
    },
  })
  strict({ mark }: { mark: string }, ctx: McpContext) {
    return this.log.enter(mark, ctx);
  }

  @McpResource({ name: 'page', uri: 'test://page' })
  page() {
    return 'a page';
  }

  @McpResource({ name: 'note', uriTemplate: 'note://{owner}/{name}{?q}' })
  note({ owner, name, q }: { owner: string; name: string; q?: string }) {
    return `${owner} ${name} ${q ?? ''}`;
  }

  @McpPrompt({ name: 'greet', arguments: [{ name: 'who', required: true }] })
  greet({ who }: { who: string }) {
    return `Hello ${who}`;
  }
}

/** Knows which sessions it keeps. */
class CountedSessions extends InMemorySessionAdapter {
  readonly kept = new Set<string>();

  override async create(id: string, meta: SessionMeta): Promise<SessionData> {
    this.kept.add(id);
    return super.create(id, meta);
  }

  override async delete(id: string): Promise<void> {
    this.kept.delete(id);
    return super.delete(id);
  }
}

/** Knows how many questions wait. */
class CountedQuestions extends InMemoryClientRequestAdapter {
  waiting = 0;

  override createPending(...args: Parameters<InMemoryClientRequestAdapter['createPending']>) {
    const pending = super.createPending(...args);
    this.waiting++;
    const done = () => {
      this.waiting--;
    };
    pending.promise.then(done, done);
    return pending;
  }
}

/** A server to be fuzzed. */
export type Fuzzed = Awaited<ReturnType<typeof startFuzzed>>;

/** Starts a server that tells callers apart by the header `x-user`, and writes down what its handlers do. */
export async function startFuzzed(platform: Platform = 'fastify') {
  const sessions = new CountedSessions({ maxEventBufferSize: 256 });
  const questions = new CountedQuestions({ defaultTimeoutMs: 3_000 });
  const logged: string[] = [];
  const started = await startApp({
    platform,
    wire: false,
    imports: [
      McpModule.forRoot({
        serverInfo: { name: 'fuzzed', version: '1.0.0' },
        sessionAdapter: sessions,
        clientRequestAdapter: questions,
        parkTimeoutMs: 3_000,
        shutdownGraceMs: 0,
        pageSize: 3,
        principal: (request) => {
          const user = (request as { headers: Record<string, string | undefined> }).headers['x-user'];
          return user === undefined ? undefined : { subject: user };
        },
        logger: { log() {}, warn() {}, debug() {}, error: (text: unknown) => logged.push(String(text)) },
      }),
    ],
    providers: [Log, FuzzedHandlers],
  });
  return {
    port: Number(new URL(started.url).port),
    log: started.app.get(Log),
    registry: started.app.get(McpRegistry),
    transport: started.app.get(StreamableHttpTransport),
    sessions,
    questions,
    /** Failures in the log of the library. */
    logged,
    close: started.close,
  };
}
