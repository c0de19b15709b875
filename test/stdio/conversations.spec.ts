import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpRegistry, McpResource, StreamableHttpTransport, type McpContext } from 'nestjs-mcp-adapters';
import { Gate, textOf, until } from '../e2e/sessions/fixture.js';
import { closePipes, modern, startPipe } from './support.js';

afterEach(closePipes);

const FORM = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } as const;
const ask = async (ctx: McpContext) => {
  const { action, content } = await ctx.elicit({ message: 'Who?', schema: FORM });
  return action === 'accept' ? `Hello ${String((content as any).name)}` : action;
};
const callTool = (id: number, name: string, args: object = {}) => ({
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const ADA = { action: 'accept', content: { name: 'Ada' } };

@Injectable()
class Notes {
  @McpResource({ uri: 'note://one', name: 'note' })
  note() {
    return 'a note';
  }
}

describe('both eras on one pipe', () => {
  it('initialize follows a good server/discover, and modern requests go on beside the session', async () => {
    const pipe = await startPipe();
    const discovered = await pipe.request(1, 'server/discover', modern());
    expect(discovered.result.supportedVersions).toContain('2026-07-28');
    const { result } = await pipe.initialize('2025-06-18');
    expect(result).toMatchObject({
      protocolVersion: '2025-06-18',
      capabilities: { logging: {}, tools: { listChanged: true } },
      serverInfo: { name: 'piped' },
    });
    expect((await pipe.request(2, 'tools/list')).result).not.toHaveProperty('resultType');
    expect((await pipe.request(3, 'tools/list', modern())).result.resultType).toBe('complete');
    expect((await pipe.request(4, 'tools/list')).result).not.toHaveProperty('resultType');
  });

  it('a request before initialize stands for itself', async () => {
    const pipe = await startPipe();
    expect(textOf(await pipe.request(1, 'tools/call', { name: 'echo', arguments: { a: 1 } }))).toBe(
      '{"a":1}',
    );
  });

  it('the methods of each era are those of its revision', async () => {
    const pipe = await startPipe();
    await pipe.initialize();
    expect((await pipe.request(1, 'ping')).result).toEqual({});
    expect((await pipe.request(2, 'ping', modern())).error.code).toBe(-32601);
    expect((await pipe.request(3, 'subscriptions/listen', { notifications: {} })).error.code).toBe(-32601);
  });
});

describe('a session', () => {
  it('keeps log level and state until another begins', async () => {
    const pipe = await startPipe({
      tools: {
        log: (ctx) => void ctx.log.info('said'),
        visit: async (ctx) => {
          const visits = ((await ctx.session.get<number>('visits')) ?? 0) + 1;
          await ctx.session.set('visits', visits);
          return `${ctx.session.id} ${visits}`;
        },
      },
    });
    await pipe.initialize();
    await pipe.request(1, 'tools/call', { name: 'log' });
    await pipe.request(2, 'logging/setLevel', { level: 'info' });
    await pipe.request(3, 'tools/call', { name: 'log' });
    expect(pipe.messages.filter(({ method }) => method === 'notifications/message')).toHaveLength(1);
    const [first] = textOf(await pipe.request(4, 'tools/call', { name: 'visit' })).split(' ');
    expect(textOf(await pipe.request(5, 'tools/call', { name: 'visit' }))).toBe(`${first} 2`);
    await pipe.initialize();
    const [second, visits] = textOf(await pipe.request(6, 'tools/call', { name: 'visit' })).split(' ');
    expect(second).not.toBe(first);
    expect(visits).toBe('1');
  });

  it('cancels what runs when its client begins another', async () => {
    const gate = new Gate<string>();
    const pipe = await startPipe({
      tools: {
        hang: (ctx) => new Promise(() => ctx.signal.addEventListener('abort', () => gate.open('aborted'))),
      },
    });
    await pipe.initialize();
    pipe.send(callTool(1, 'hang'));
    await pipe.initialize();
    expect(await gate.opened).toBe('aborted');
    expect(pipe.messages.map(({ id }) => id)).toEqual(['initialize 0', 'initialize 1']);
  });

  it('hears of changes once the client is ready, and of resources it watches', async () => {
    const pipe = await startPipe({ providers: [Notes] });
    const registry = pipe.app.get(McpRegistry, { strict: false });
    const transport = pipe.app.get(StreamableHttpTransport, { strict: false });
    const add = (name: string) => registry.addTool({ name, input: { type: 'object' } }, () => name);
    await pipe.request(1, 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    });
    await add('early');
    await pipe.request(2, 'ping');
    expect(pipe.messages).toHaveLength(2);
    pipe.send({ method: 'notifications/initialized' });
    await pipe.request(3, 'ping');
    await transport.notifyResourceUpdated('note://one');
    await pipe.request(4, 'resources/subscribe', { uri: 'note://one' });
    await transport.notifyResourceUpdated('note://one');
    await until(() => pipe.messages.length === 5);
    await pipe.request(5, 'resources/unsubscribe', { uri: 'note://one' });
    await transport.notifyResourceUpdated('note://one');
    await add('late');
    await until(() => pipe.messages.length === 7);
    expect(pipe.messages.map(({ method }) => method).filter(Boolean)).toEqual([
      'notifications/resources/updated',
      'notifications/tools/list_changed',
    ]);
  });

  it('asks its client on the pipe', async () => {
    const pipe = await startPipe({ tools: { ask } });
    await pipe.initialize('2025-11-25', { elicitation: {} });
    pipe.send(callTool(1, 'ask'));
    const question = await pipe.next();
    expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'Who?' } });
    pipe.send({ id: question.id, result: ADA });
    expect(textOf(await pipe.next())).toBe('Hello Ada');
  });

  it('withdraws the question of a cancelled request, which gets no answer', async () => {
    const pipe = await startPipe({ tools: { ask } });
    await pipe.initialize('2025-11-25', { elicitation: {} });
    pipe.send(callTool(1, 'ask'));
    const question = await pipe.next();
    pipe.send({ method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(await pipe.next()).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: question.id },
    });
    pipe.send({ id: question.id, result: ADA });
    await pipe.request(2, 'ping');
    expect(pipe.messages.filter(({ id }) => id === 1)).toEqual([]);
  });

  it('has batches in 2025-03-26 alone', async () => {
    const pipe = await startPipe();
    const batch = [
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', method: 'notifications/what' },
      { jsonrpc: '2.0', ...callTool(2, 'echo', { a: 1 }) },
    ];
    await pipe.initialize('2025-11-25');
    pipe.write(`${JSON.stringify(batch)}\n`);
    expect(await pipe.next()).toMatchObject({ id: null, error: { code: -32600 } });
    await pipe.initialize('2025-03-26');
    pipe.write(`${JSON.stringify(batch)}\n`);
    const answers = await pipe.next();
    expect(answers.map(({ id }: { id: number }) => id).sort()).toEqual([1, 2]);
    pipe.write(`${JSON.stringify([batch[1]])}\n`);
    await pipe.request(3, 'ping');
    expect(pipe.messages).toHaveLength(5);
  });
});

describe('a modern client', () => {
  it('is asked with the result, and goes on with the next request', async () => {
    let runs = 0;
    const pipe = await startPipe({
      tools: {
        ask: (ctx) => {
          runs++;
          return ask(ctx);
        },
      },
    });
    const params = { name: 'ask', arguments: {} };
    const { result } = await pipe.request(1, 'tools/call', modern(params));
    expect(result.resultType).toBe('input_required');
    const [key] = Object.keys(result.inputRequests);
    const retry = { ...params, requestState: result.requestState, inputResponses: { [key as string]: ADA } };
    expect(textOf(await pipe.request(2, 'tools/call', modern(retry)))).toBe('Hello Ada');
    expect(runs).toBe(1);
  });

  it('hears of progress and log before the result, and of nothing it did not ask for', async () => {
    const say = async (ctx: McpContext) => {
      void ctx.log.info('said');
      await ctx.progress(1);
      return 'done';
    };
    const pipe = await startPipe({ tools: { say } });
    await pipe.request(1, 'tools/call', modern({ name: 'say' }));
    expect(pipe.messages).toHaveLength(1);
    const meta = { progressToken: 'token', 'io.modelcontextprotocol/logLevel': 'info' };
    await pipe.request(2, 'tools/call', modern({ name: 'say' }, meta));
    expect(pipe.messages.slice(1).map(({ method, id }) => method ?? id)).toEqual([
      'notifications/message',
      'notifications/progress',
      2,
    ]);
  });

  it('cancels a request, which gets no answer', async () => {
    const gate = new Gate<string>();
    const pipe = await startPipe({
      tools: {
        hang: async (ctx) => {
          await ctx.progress(1);
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
          await ctx.progress(2);
          gate.open(String(ctx.signal.reason));
          return 'never seen';
        },
      },
    });
    pipe.send({ id: 1, method: 'tools/call', params: modern({ name: 'hang' }, { progressToken: 1 }) });
    expect((await pipe.next()).method).toBe('notifications/progress');
    pipe.send({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } });
    expect(await gate.opened).toContain('enough');
    await pipe.request(2, 'server/discover', modern());
    expect(pipe.messages).toHaveLength(2);
  });

  it('listens until it cancels', async () => {
    const pipe = await startPipe({ providers: [Notes] });
    const transport = pipe.app.get(StreamableHttpTransport, { strict: false });
    const notifications = { resourceSubscriptions: ['note://one'] };
    const listen = (id: string) =>
      pipe.send({ id, method: 'subscriptions/listen', params: modern({ notifications }) });
    listen('one');
    listen('two');
    await until(() => pipe.messages.length === 2);
    await transport.notifyResourceUpdated('note://one');
    await until(() => pipe.messages.length === 4);
    const ids = pipe.messages.map(({ params }) => params._meta['io.modelcontextprotocol/subscriptionId']);
    expect(ids).toEqual(['one', 'two', 'one', 'two']);
    pipe.send({ method: 'notifications/cancelled', params: { requestId: 'one' } });
    await pipe.request(1, 'server/discover', modern());
    await transport.notifyResourceUpdated('note://one');
    await until(() => pipe.messages.length === 6);
    listen('one');
    await until(() => pipe.messages.length === 7);
    await pipe.close();
    expect(pipe.messages.slice(7).map(({ id }) => id)).toEqual(['two', 'one']);
  });

  it('is told of a filter that is none', async () => {
    const pipe = await startPipe();
    const { error } = await pipe.request(1, 'subscriptions/listen', modern({ notifications: 5 }));
    expect(error.code).toBe(-32602);
  });
});
