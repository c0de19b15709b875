/**
 * An application whose tasks go on elsewhere, to be killed. `STORE` and `STORE_URL` name its store; it prints what its tools do,
 * and the URL where it serves.
 */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { McpModule, McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { StoreTaskAdapter } from 'nestjs-mcp-adapters/adapters';
import { storeFromEnvironment } from '../multi-instance/fixture/store.js';

const say = (text: string) => process.stdout.write(`${text}\n`);
const FORM = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const ANY = { type: 'object' };
const forever = (ctx: McpContext) =>
  new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error)));

@Injectable()
class Tools {
  /** Bills once, asks, then answers. */
  @McpTool({ name: 'order', input: ANY, task: { mode: 'required', restartable: true, ttlMs: 600_000 } })
  async order(_: object, ctx: McpContext) {
    say(`order of ${ctx.principal?.subject}`);
    const billedBy = await ctx.once('bill', () => {
      say('billed');
      return process.pid;
    });
    const { content } = await ctx.elicit({ message: 'Who?', schema: FORM });
    say('answered');
    await ctx.once('ship', () => say('shipped'));
    return JSON.stringify({
      billedBy,
      endedBy: process.pid,
      content,
      args: ctx.args,
      who: ctx.principal?.subject,
    });
  }

  /** Does not come to the end of its block. */
  @McpTool({ name: 'stuck', input: ANY, task: { mode: 'required', restartable: true } })
  async stuck({ retry = false }: { retry?: boolean }, ctx: McpContext) {
    const isFirst = process.env['FIRST'] === 'yes';
    await ctx.once(
      'step',
      () => {
        say('step');
        return isFirst ? forever(ctx) : 'done';
      },
      { retry },
    );
    return 'through';
  }

  @McpTool({ name: 'plain', input: ANY, task: 'required' })
  plain(_: object, ctx: McpContext) {
    say('plain');
    return forever(ctx);
  }
}

const store = await storeFromEnvironment();

@Module({
  imports: [
    McpModule.forRoot({
      serverInfo: { name: 'orders', version: '1.0.0' },
      store,
      tasks: new StoreTaskAdapter(store, { server: 'orders', leaseMs: 3_000 }),
      requestStateSecret: 'x'.repeat(32),
      principal: ({ headers }: any) => (headers['x-user'] ? { subject: headers['x-user'] } : undefined),
      shutdownGraceMs: 500,
      allowedHosts: ['*'],
    }),
  ],
  providers: [Tools],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
process.once('disconnect', () => process.exit(1));
await app.listen(0, '127.0.0.1');
say(`serves ${await app.getUrl()}/mcp`);
