import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  InMemoryTaskAdapter,
  McpError,
  McpModule,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../support/app.js';
import { installIn } from '../support/install.js';

const FORM = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };

@Injectable()
class Tools {
  @McpTool({ name: 'report', task: { mode: 'required', pollIntervalMs: 50 } })
  async report(_: object, ctx: McpContext) {
    const { content } = await ctx.elicit({ message: 'For whom?', schema: FORM });
    return `${ctx.task ? 'task' : 'call'} for ${(content as { name: string }).name}`;
  }

  @McpTool({ name: 'quick', task: 'auto' })
  quick() {
    return 'at once';
  }

  @McpTool({ name: 'endless', task: { mode: 'required', pollIntervalMs: 50 } })
  endless(_: object, ctx: McpContext) {
    return new Promise((_resolve, reject) =>
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error)),
    );
  }

  @McpTool({ name: 'broken', task: { mode: 'required', pollIntervalMs: 50 } })
  broken() {
    throw new McpError(-32_603, 'Out of paper');
  }
}

let server: TestApp;
let seen: any;

beforeAll(async () => {
  await installIn(import.meta.dirname);
  server = await startApp({
    imports: [
      McpModule.forRoot({
        sessionAdapter: new InMemorySessionAdapter(),
        clientRequestAdapter: new InMemoryClientRequestAdapter(),
        tasks: new InMemoryTaskAdapter(),
      }),
    ],
    providers: [Tools],
  });
  const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs', 'tasks', server.url], {
    cwd: import.meta.dirname,
    timeout: 60_000,
    env: { PATH: process.env['PATH'] },
  });
  seen = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) as string);
}, 300_000);

afterAll(() => server?.close());

it('the client of the extension follows a task, answers it, cancels it and sees it fail', () => {
  expect(seen.ext).toMatchObject({
    texts: ['task for Ada', 'at once'],
    asked: ['For whom?'],
    states: ['completed', 'no task'],
  });
  expect(JSON.stringify(seen.ext.cancelled)).toContain('cancelled');
  expect(JSON.stringify(seen.ext.failed)).toContain('Out of paper');
});

it('the official client of 2026-07-28 sees what the server can, and gets calls that need no task', () => {
  expect(seen.v2).toMatchObject({
    quick: 'at once',
    refused: -32_021,
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  });
  // It does not know results that are tasks.
  expect(seen.v2.report).toBe('SdkError');
});

it('the official client of older revisions gets ordinary calls', () => {
  expect(seen.v1).toEqual({ texts: ['call for Ada', 'at once'] });
});
