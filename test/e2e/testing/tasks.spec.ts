import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, type INestApplication } from '@nestjs/common';
import { McpError, McpModule, McpTool, MemoryStore, type McpContext } from 'nestjs-mcp-adapters';
import { createMcpTestClient, textOf } from 'nestjs-mcp-adapters/testing';
import { PLATFORMS, type Platform } from '../../support/app.js';
import { createAppOf } from './fixture.js';

const NAME = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } as const;

@Injectable()
class LaterTools {
  readonly ended: string[] = [];

  @McpTool({ name: 'ask_later', input: { type: 'object' }, task: 'required' })
  async ask(_args: object, ctx: McpContext) {
    ctx.signal.addEventListener('abort', () => this.ended.push('ask_later'));
    const answer = await ctx.elicit({ message: 'Who are you?', schema: NAME });
    return answer.action === 'accept' ? `Hello ${String(answer.content['name'])}, at last` : answer.action;
  }

  @McpTool({ name: 'fail_later', input: { type: 'object' }, task: 'required' })
  fail() {
    throw new McpError(-32000, 'too late');
  }
}

describe.each(PLATFORMS)('tasks, with the test client on %s', (platform: Platform) => {
  const tasks = true;
  let app: INestApplication;

  const start = async () => {
    app = await createAppOf(platform, {
      imports: [McpModule.forRoot({ store: new MemoryStore() })],
      providers: [LaterTools],
    });
    return app;
  };

  afterEach(() => app.close());

  it('give the result of the call, after its questions', async () => {
    const client = await createMcpTestClient(await start(), {
      tasks,
      onElicit: () => ({ action: 'accept', content: { name: 'Ada' } }),
    });
    expect(textOf(await client.callTool('ask_later'))).toBe('Hello Ada, at last');
    expect(client.questions.map(({ params }) => params['message'])).toEqual(['Who are you?']);
    await client.close();
  });

  it('reject with what they failed with', async () => {
    const client = await createMcpTestClient(await start(), { tasks });
    await expect(client.callTool('fail_later')).rejects.toMatchObject({ code: -32000, message: 'too late' });
    await client.close();
  });

  it('are cancelled when the call is aborted', async () => {
    const end = new AbortController();
    const client = await createMcpTestClient(await start(), {
      tasks,
      onElicit: () => {
        end.abort(new Error('no more'));
        return { action: 'decline' };
      },
    });
    await expect(client.callTool('ask_later', {}, { signal: end.signal })).rejects.toThrow('no more');
    await client.close();
  });

  it('are cancelled when the test fails to answer', async () => {
    const client = await createMcpTestClient(await start(), {
      tasks,
      onElicit: () => {
        throw new Error('not this question');
      },
    });
    await expect(client.callTool('ask_later')).rejects.toThrow('not this question');
    expect(app.get(LaterTools).ended).toEqual(['ask_later']);
    await client.close();
  });

  it('are ordinary calls for older clients, and refused to those that do not follow them', async () => {
    const older = await createMcpTestClient(await start(), { tasks, protocolVersion: '2025-11-25' });
    await expect(older.callTool('fail_later')).rejects.toMatchObject({ code: -32000 });
    await older.close();
    const plain = await createMcpTestClient(app);
    await expect(plain.callTool('fail_later')).rejects.toMatchObject({ status: 400, code: -32021 });
    await plain.close();
  });
});
