import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  McpRegistry,
  StreamableHttpTransport,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf, until } from './fixture.js';

const isResult = (message: any) => 'result' in message;
const form = { type: 'object', properties: { ok: { type: 'boolean' } } };

/** A store that two instances share, as the options by which each of them does. */
export interface SharedStore {
  options(): McpModuleOptions;
}

/** Two instances as their clients see them: one server. */
export function describeTwoInstances(kind: string, openStore: () => SharedStore): void {
  describe.each(['2025-03-26', '2025-06-18', '2025-11-25'])(
    `two instances with ${kind}, for %s`,
    (version) => {
      let a: TestApp;
      let b: TestApp;
      let running: Gate<McpContext>;
      let client: SessionClient;

      beforeEach(async () => {
        running = new Gate();
        const store = openStore();
        const start = (name: string) =>
          startSessions({
            mcp: {
              ...store.options(),
              shutdownGraceMs: 0,
              limits: { sessions: 2 },
            },
            tools: {
              where: () => name,
              set: (ctx, { value }) => ctx.session.set('key', value).then(() => 'set'),
              get: async (ctx) => String(await ctx.session.get('key')),
              hold: async (ctx) => {
                await ctx.progress(1);
                running.open(ctx);
                await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
                return 'aborted';
              },
              ask: async (ctx) => {
                const { action } = await ctx.elicit({ message: '?', schema: form });
                await ctx.progress(2);
                return `${action} on ${name}`;
              },
            },
          });
        [a, b] = [await start('a'), await start('b')];
        client = await SessionClient.open(a, { version, capabilities: { elicitation: {} } });
      });
      afterEach(async () => {
        await a.close();
        await b.close();
      });

      const onB = () => client.with({ url: b.url });
      const text = async (answer: Promise<{ json: any }>) => textOf((await answer).json);

      it('serve a session in turns', async () => {
        expect(await text(onB().call('where'))).toBe('b');
        expect(await text(client.call('where'))).toBe('a');
        expect(await text(client.call('set', { value: 'shared' }))).toBe('set');
        expect(await text(onB().call('get'))).toBe('shared');
        expect((await onB().delete()).status).toBe(204);
        for (const at of [client, onB()]) expect((await at.request('ping')).status).toBe(404);
      });

      it('take an answer for one another, once', async () => {
        const call = client.begin('ask', {}, { progressToken: 1 });
        const question = await call.message(({ method }) => method === 'elicitation/create');
        const answers = [
          await onB().answer(question, { action: 'decline' }),
          await client.answer(question, {}),
        ];
        expect(answers.map(({ status }) => status)).toEqual([202, 400]);
        expect(textOf(await call.message(isResult))).toBe('decline on a');
      });

      it('go on with a stream for one another', async () => {
        const call = client.begin('ask', {}, { progressToken: 1 });
        const question = await call.message(({ method }) => method === 'elicitation/create');
        const resumed = onB().listen(call.lastEventId);
        await call.closed;
        await resumed.until(() => resumed.comments.length > 0);
        await client.answer(question, { action: 'cancel' });
        expect(textOf(await resumed.message(isResult))).toBe('cancel on a');
        expect(resumed.messages).toHaveLength(2);
      });

      it('cancel a call for one another', async () => {
        const call = client.begin('hold', {}, { id: 'x', progressToken: 1 });
        const ctx = await running.opened;
        expect((await onB().notify('notifications/cancelled', { requestId: 'x' })).status).toBe(202);
        await call.closed;
        expect(ctx.signal.aborted).toBe(true);
        expect(call.messages.some(isResult)).toBe(false);
      });

      it('end what they run for a session that ends elsewhere', async () => {
        const call = client.begin('hold', {}, { id: 'x', progressToken: 1 });
        const listening = client.listen();
        const ctx = await running.opened;
        await onB().delete();
        await Promise.all([call.closed, listening.closed]);
        expect(ctx.signal.aborted).toBe(true);
      });

      it('hold one stream of a session between them, and announce a change on it once', async () => {
        const first = client.listen();
        await first.until(() => first.text.length > 0);
        const second = onB().listen();
        await first.closed;
        await second.until(() => second.text.length > 0);
        const transport = a.app.get(StreamableHttpTransport);
        await a.app.get(McpRegistry).addTool({ name: 'late' }, () => 'late');
        await second.message(({ method }) => method === 'notifications/tools/list_changed');
        await transport.session(client.id).notify('notifications/message', { level: 'info', data: 'last' });
        await second.message(({ params }) => params?.data === 'last');
        expect(second.messages.map(({ method }) => method)).toEqual([
          'notifications/tools/list_changed',
          'notifications/message',
        ]);
        second.cut();
      });

      it('ask a client that listens at the other one', async () => {
        const listening = onB().listen();
        await listening.until(() => listening.text.length > 0);
        const asking = a.app
          .get(StreamableHttpTransport)
          .session(client.id)
          .elicit({ message: '?', schema: form });
        const question = await listening.message(({ method }) => method === 'elicitation/create');
        expect((await onB().answer(question, { action: 'decline' })).status).toBe(202);
        expect(await asking).toEqual({ action: 'decline' });
        listening.cut();
      });

      it('end no session to make room whose stream the other one holds', async () => {
        const listening = onB().listen();
        await listening.until(() => listening.text.length > 0);
        for (let count = 0; count < 4; count++) expect((await initialize(a.url)).status).toBe(200);
        await until(() => a.app.get(StreamableHttpTransport).stats().sessions === 2);
        expect(listening.isComplete).toBe(false);
        expect((await client.request('ping')).status).toBe(200);
        listening.cut();
      });
    },
  );
}
