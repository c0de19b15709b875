import { ForbiddenException, Injectable, type Type } from '@nestjs/common';
import {
  McpError,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { Gate } from '../e2e/sessions/fixture.js';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0, maximum: 5 } as const;

/** Questions that a handler is told to ask, in this order. */
export type AskStep = 'elicit' | 'url' | 'sample' | 'roots' | 'progress' | 'log' | 'once' | 'both';

/** How handlers that wait are told to go on, and what became of them. Common to all instances of one application. */
export class Handlers {
  readonly #gates = new Map<string, Gate<string>>();

  gate(kind: 'begun' | 'released' | 'ended', key: string): Gate<string> {
    const name = `${kind} ${key}`;
    const gate = this.#gates.get(name) ?? new Gate<string>();
    this.#gates.set(name, gate);
    return gate;
  }
}

/** Provider of everything that the programs use. Says nothing by which instances or platforms could be told apart. */
export function primitivesOf(handlers: Handlers): Type {
  const ended = (key: string, how: string) => handlers.gate('ended', key).open(how);

  @Injectable()
  class Primitives {
    constructor(
      private readonly registry: McpRegistry,
      private readonly transport: StreamableHttpTransport,
    ) {}

    @McpTool({ name: 'echo', description: 'Says it again', input: object({ text }, 'text') })
    echo({ text: said }: any) {
      return said;
    }

    @McpTool({
      name: 'sum',
      title: 'Sum',
      annotations: { readOnlyHint: true },
      input: object({ a: { type: 'number' }, b: { type: 'number' } }, 'a', 'b'),
      output: object({ sum: { type: 'number', maximum: 100 } }, 'sum'),
    })
    sum({ a, b }: any) {
      return { sum: a + b };
    }

    @McpTool({ name: 'blocks' })
    blocks() {
      return [
        { type: 'text', text: 'one' },
        { type: 'resource_link', uri: 'note://open', name: 'open' },
      ];
    }

    @McpTool({ name: 'fail', input: object({ how: text }, 'how') })
    fail({ how }: any) {
      if (how === 'protocol') throw new McpError(7, 'refused', { why: 'on purpose' });
      if (how === 'forbidden') throw new ForbiddenException('not you');
      if (how === 'result') return { isError: true, content: [{ type: 'text', text: 'no luck' }] };
      throw new Error('an internal matter');
    }

    @McpTool({ name: 'stream', input: object({ progress: count, logs: count }) })
    async stream({ progress = 0, logs = 0 }: any, ctx: McpContext) {
      for (let number = 1; number <= progress; number++)
        await ctx.progress(number, progress, `part ${number}`);
      for (let number = 1; number <= logs; number++) {
        await ctx.log[number % 2 === 0 ? 'warning' : 'debug']({ number }, 'stream');
      }
      return 'streamed';
    }

    @McpTool({ name: 'hold', description: 'Waits for release', input: object({ key: text }, 'key') })
    async hold({ key }: any, ctx: McpContext) {
      await ctx.progress(1);
      handlers.gate('begun', key).open('');
      const aborted = new Gate<string>();
      ctx.signal.addEventListener('abort', () => aborted.open('aborted'), { once: true });
      const how = await Promise.race([aborted.opened, handlers.gate('released', key).opened]);
      if (how === 'released') {
        await ctx.progress(2);
        await ctx.log.error('released');
      }
      ended(key, how);
      return how;
    }

    @McpTool({ name: 'release', description: 'Lets hold go on', input: object({ key: text }, 'key') })
    async release({ key }: any) {
      await handlers.gate('begun', key).opened;
      handlers.gate('released', key).open('released');
      return handlers.gate('ended', key).opened;
    }

    @McpTool({ name: 'begun', description: 'Waits until hold runs', input: object({ key: text }, 'key') })
    begun({ key }: any) {
      return handlers.gate('begun', key).opened.then(() => 'begun');
    }

    @McpTool({
      name: 'ended',
      description: 'Waits until a handler ended',
      input: object({ key: text }, 'key'),
    })
    ended({ key }: any) {
      return handlers.gate('ended', key).opened;
    }

    @McpTool({ name: 'slow', description: 'Never ends by itself', timeoutMs: 30 })
    async slow(_: unknown, ctx: McpContext) {
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
      return 'too late';
    }

    @McpTool({ name: 'ask', input: asking })
    ask({ steps, key, timeoutMs }: any, ctx: McpContext) {
      return this.#noted(key, () => ask(steps, ctx, timeoutMs));
    }

    @McpTool({ name: 'ask_repeatable', input: asking, annotations: { idempotentHint: true } })
    askRepeatable({ steps, key, timeoutMs }: any, ctx: McpContext) {
      return this.#noted(key, () => ask(steps, ctx, timeoutMs));
    }

    @McpTool({ name: 'set', input: object({ key: text, value: {} }, 'key') })
    async set({ key, value }: any, ctx: McpContext) {
      await (value === undefined ? ctx.session.delete(key) : ctx.session.set(key, value));
      return 'set';
    }

    @McpTool({ name: 'get', input: object({ key: text }, 'key') })
    async get({ key }: any, ctx: McpContext) {
      return JSON.stringify((await ctx.session.get(key)) ?? null);
    }

    @McpTool({ name: 'touch', input: object({ uri: text }, 'uri') })
    async touch({ uri }: any) {
      await this.registry.resourceUpdated(uri);
      return 'touched';
    }

    @McpTool({ name: 'add', input: object({ name: text }, 'name') })
    async add({ name }: any) {
      await this.registry.addTool({ name }, () => `${name} called`);
      return 'added';
    }

    @McpTool({ name: 'remove', input: object({ name: text }, 'name') })
    async remove({ name }: any) {
      return String(await this.registry.removeTool(name));
    }

    @McpTool({ name: 'tell', description: 'Logs beside any request', input: object({ data: {} }) })
    async tell({ data }: any, ctx: McpContext) {
      const session = this.transport.session(ctx.session.id);
      await session.notify('notifications/message', { level: 'notice', data });
      return 'told';
    }

    @McpTool({
      name: 'ask_aside',
      description: 'Asks beside any request',
      input: object({ key: text }, 'key'),
    })
    askAside({ key }: any, ctx: McpContext) {
      const session = this.transport.session(ctx.session.id);
      const asked = this.#noted(
        key,
        async () => (await session.elicit({ message: 'aside?', schema: form })).action,
      );
      // How it went is what the tool \`ended\` says.
      asked.catch(() => {});
      return 'asked';
    }

    @McpTool({ name: 'leave', description: 'Ends its connection', input: object({ key: text }, 'key') })
    async leave({ key }: any, ctx: McpContext) {
      await ctx.progress(1);
      await ctx.closeStream({ retryMs: 10 });
      await ctx.progress(2);
      ended(key, 'left');
      return 'left';
    }

    @McpResource({ uri: 'note://open', name: 'open', mimeType: 'text/plain', description: 'A note' })
    open() {
      return 'an open note';
    }

    @McpResource({ uri: 'note://bytes', name: 'bytes', mimeType: 'application/octet-stream' })
    bytes() {
      return new Uint8Array([1, 2, 3]);
    }

    @McpResource({ uri: 'note://broken', name: 'broken' })
    broken() {
      throw new Error('an internal matter');
    }

    @McpResource({ uri: 'note://asking', name: 'asking' })
    async asking(_: unknown, ctx: McpContext) {
      return (await ctx.elicit({ message: 'read?', schema: form })).action;
    }

    @McpResource({
      uriTemplate: 'note://by-id/{id}',
      name: 'by-id',
      complete: { id: (value) => ['1', '12', '2'].filter((id) => id.startsWith(value)) },
    })
    byId({ id }: any) {
      return id === '404' ? undefined : { text: `note ${id}` };
    }

    @McpPrompt({
      name: 'greet',
      arguments: [{ name: 'who', required: true }, { name: 'how' }],
      complete: { how: (value, _, given) => [`${value}!`, `${value}, ${given['who'] ?? 'you'}`] },
    })
    greet({ who, how = 'Hello' }: any) {
      return [{ role: 'user' as const, content: { type: 'text' as const, text: `${how}, ${who}` } }];
    }

    @McpPrompt({ name: 'interview', description: 'Asks' })
    async interview(_: unknown, ctx: McpContext) {
      const answer = await ctx.elicit({ message: 'name?', schema: form });
      return `${answer.action} ${answer.content ? JSON.stringify(answer.content) : ''}`;
    }

    @McpPrompt({ name: 'faulty' })
    faulty() {
      throw new Error('an internal matter');
    }

    async #noted(key: string | undefined, work: () => Promise<string>): Promise<string> {
      try {
        const result = await work();
        if (key !== undefined) ended(key, result);
        return result;
      } catch (error) {
        if (key !== undefined) ended(key, 'failed');
        throw error;
      }
    }
  }
  return Primitives;
}

const form = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } as const;
const asking = object(
  { steps: { type: 'array', items: text }, key: text, timeoutMs: { type: 'integer' } },
  'steps',
);

function object(properties: Readonly<Record<string, object>>, ...required: string[]): any {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

async function ask(
  steps: readonly AskStep[],
  ctx: McpContext,
  timeoutMs: number | undefined,
): Promise<string> {
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  const said: unknown[] = [];
  for (const [index, step] of steps.entries()) said.push((await one(step, index)) ?? null);
  return JSON.stringify(said);

  async function one(step: AskStep, index: number): Promise<unknown> {
    switch (step) {
      case 'elicit':
        return ctx.elicit({ message: `Question ${index}`, schema: form, ...options });
      case 'url':
        return ctx.elicit({ message: `Page ${index}`, url: 'https://example.com/page', ...options });
      case 'sample': {
        const content = { type: 'text', text: `Prompt ${index}` } as const;
        return (await ctx.sample({ messages: [{ role: 'user', content }], maxTokens: 5, ...options }))
          .content;
      }
      case 'roots':
        return ctx.listRoots(options);
      case 'both':
        return Promise.all([one('elicit', index), one('sample', index)]);
      case 'once':
        return ctx.once(`once ${index}`, () => 'done');
      case 'progress':
        return ctx.progress(index + 1);
      case 'log':
        return ctx.log.info(`log ${index}`);
    }
  }
}
