import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { StreamableHttpTransport } from 'nestjs-mcp-adapters';
import {
  createMcpTestClient,
  structuredOf,
  textOf,
  type McpTestClientOptions,
} from 'nestjs-mcp-adapters/testing';
import { PROTOCOL_VERSIONS } from '../../../lib/protocol/protocol-version.js';
import { PLATFORMS } from '../../support/app.js';
import { createApp, inMemory } from './fixture.js';

const CASES = PLATFORMS.flatMap((platform) =>
  PROTOCOL_VERSIONS.map((protocolVersion) => ({ platform, protocolVersion })),
);

let app: INestApplication;

afterEach(() => app.close());

async function connect(
  { platform, protocolVersion }: (typeof CASES)[number],
  options: McpTestClientOptions = {},
) {
  app = await createApp(platform);
  return createMcpTestClient(app, { protocolVersion, ...options });
}

describe.each(CASES)('the test client on $platform, $protocolVersion', (setup) => {
  it('learns what the server says about itself', async () => {
    const client = await connect(setup);
    expect(client.protocolVersion).toBe(setup.protocolVersion);
    expect(client.serverInfo).toEqual({ name: 'mcp-server', version: '0.0.0' });
    expect(client.serverCapabilities.tools).toEqual({ listChanged: true });
    expect(client.sessionId === undefined).toBe(setup.protocolVersion === '2026-07-28');
    expect(app.getHttpServer().listening).toBe(false);
    await client.close();
  });

  it('calls tools, which may fail', async () => {
    const client = await connect(setup);
    const sum = await client.callTool('add', { a: 1, b: 2 });
    expect(sum).toEqual({ content: [{ type: 'text', text: '{"sum":3}' }], structuredContent: { sum: 3 } });
    expect(structuredOf(sum)).toEqual({ sum: 3 });
    const failed = await client.callTool('fail');
    expect(failed.isError).toBe(true);
    expect(() => structuredOf(failed)).toThrow('The tool failed: Internal error');
    await client.close();
  });

  it('collects progress and log messages', async () => {
    const client = await connect(setup);
    const seen: number[] = [];
    const result = await client.callTool(
      'count',
      { to: 2 },
      { onProgress: ({ progress }) => seen.push(progress) },
    );
    expect(textOf(result)).toBe('counted');
    expect(seen).toEqual([1, 2]);
    expect(client.progress).toEqual([
      { progress: 1, total: 2, message: 'at 1' },
      { progress: 2, total: 2, message: 'at 2' },
    ]);
    await client.until(() => client.logs.length > 0);
    expect(client.logs).toEqual([{ level: 'info', data: 'begins to count' }]);
    await client.close();
  });

  it('lists, reads, prompts and completes', async () => {
    const client = await connect(setup);
    expect((await client.listTools()).map(({ name }) => name)).toContain('add');
    expect((await client.listResources()).map(({ uri }) => uri)).toEqual(['note://one']);
    expect((await client.listResourceTemplates()).map(({ name }) => name)).toEqual(['by-author']);
    expect((await client.listPrompts()).map(({ name }) => name)).toEqual(['greet']);
    expect(textOf(await client.readResource('note://by/ada'))).toBe('notes by ada');
    expect(textOf(await client.getPrompt('greet', { name: 'Ada' }))).toBe('Greet Ada');
    const completion = await client.complete(
      { type: 'ref/prompt', name: 'greet' },
      { name: 'name', value: 'A' },
    );
    expect(completion.values).toEqual(['Ada', 'Alan']);
    await client.close();
  });

  it('hears of changed lists and watched resources', async () => {
    const client = await connect(setup);
    const unsubscribe = await client.subscribe('note://one');
    await client.callTool('change');
    await client.until(() => client.listChanges.includes('tools') && client.resourceUpdates.length > 0);
    expect(client.resourceUpdates).toEqual(['note://one']);
    expect((await client.listTools()).map(({ name }) => name)).not.toContain('add');
    await unsubscribe();
    await client.close();
  });

  it('gives a request up when it is aborted', async () => {
    const client = await connect(setup);
    const controller = new AbortController();
    const call = client.callTool(
      'wait',
      {},
      { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) },
    );
    await expect(call).rejects.toThrow('enough');
    await client.close();
  });

  it('rejects with what the server refused', async () => {
    const client = await connect(setup);
    await expect(client.callTool('no_such_tool')).rejects.toMatchObject({
      name: 'McpRequestError',
      code: -32602,
    });
    await expect(client.request('no/such/method')).rejects.toMatchObject({
      code: -32601,
      status: setup.protocolVersion === '2026-07-28' ? 404 : 200,
    });
    await client.close();
  });

  it('names the caller of every request', async () => {
    const client = await connect(setup, { principal: { subject: 'ada', claims: { role: 'admin' } } });
    const another = await createMcpTestClient(app, {
      protocolVersion: setup.protocolVersion,
      principal: { subject: 'bob' },
    });
    expect(structuredOf(await client.callTool('whoami'))).toEqual({ subject: 'ada', role: 'admin' });
    expect(structuredOf(await another.callTool('whoami'))).toEqual({ subject: 'bob', role: null });
    await client.close();
    await another.close();
  });

  it('leaves nothing open when it is closed', async () => {
    const client = await connect(setup);
    await client.subscribe('note://one');
    await client.close();
    const { sessions, streams, requests, subscriptions } = app.get(StreamableHttpTransport).stats();
    expect({ sessions, streams, requests, subscriptions }).toEqual({
      sessions: 0,
      streams: 0,
      requests: 0,
      subscriptions: 0,
    });
  });
});

describe.each(CASES.filter(({ protocolVersion }) => protocolVersion >= '2025-06-18'))(
  'questions on $platform, $protocolVersion',
  (setup) => {
    it('are answered by the test', async () => {
      const client = await connect(setup, {
        onElicit: () => ({ action: 'accept', content: { name: 'Ada' } }),
      });
      expect(textOf(await client.callTool('ask'))).toBe('Hello Ada');
      expect(client.questions).toEqual([
        { method: 'elicitation/create', params: expect.objectContaining({ message: 'Who are you?' }) },
      ]);
      await client.close();
    });

    it('fail the call when the test fails to answer', async () => {
      const client = await connect(setup, {
        onElicit: () => {
          throw new Error('an assertion of the test');
        },
      });
      await expect(client.callTool('ask')).rejects.toThrow('an assertion of the test');
      await client.close();
    });

    it('reach the model and the roots', async () => {
      const client = await connect(setup, {
        onSample: ({ maxTokens }) => ({
          role: 'assistant',
          content: { type: 'text', text: 'hello' },
          model: `model-${maxTokens}`,
        }),
        onRoots: () => [{ uri: 'file:///work' }],
      });
      expect(textOf(await client.callTool('ask_model'))).toBe('model-10 file:///work');
      await client.close();
    });
  },
);

it.each(PLATFORMS)('on %s: repeats arguments in headers where the tool wants it', async (platform) => {
  app = await createApp(platform);
  const client = await createMcpTestClient(app);
  expect(textOf(await client.callTool('in_branch', { branch: 'Süd' }))).toBe('Süd');
  expect(textOf(await client.callTool('in_branch', { branch: 'north' }))).toBe('north');
  await client.close();
});

it.each(PLATFORMS)(
  'on %s: comes back for the rest of a stream that the server has ended',
  async (platform) => {
    app = await createApp(platform);
    const client = await createMcpTestClient(app, { protocolVersion: '2025-11-25' });
    expect(textOf(await client.callTool('pause'))).toBe('went on');
    await client.close();
  },
);

it.each(PLATFORMS)('on %s: speaks to a server without adapters', async (platform) => {
  app = await createApp(platform, {});
  for (const protocolVersion of PROTOCOL_VERSIONS) {
    const client = await createMcpTestClient(app, { protocolVersion });
    expect(structuredOf(await client.callTool('add', { a: 2, b: 3 }))).toEqual({ sum: 5 });
    expect(client.sessionId).toBeUndefined();
    await client.close();
  }
  const asked = await createMcpTestClient(app, { onElicit: () => ({ action: 'decline' }) });
  expect(textOf(await asked.callTool('ask'))).toBe('decline');
  await asked.close();
});

it('is refused by a server that does not speak its revision', async () => {
  app = await createApp('express', { ...inMemory(), protocolVersions: ['2025-11-25'] });
  await expect(createMcpTestClient(app)).rejects.toMatchObject({ status: 400, code: -32600 });
  await expect(createMcpTestClient(app, { protocolVersion: '2025-03-26' })).rejects.toThrow(
    'The server speaks 2025-11-25, not 2025-03-26',
  );
});

it.each(['2026-07-28', '2025-11-25'] as const)(
  'can be closed after the application, %s',
  async (protocolVersion) => {
    app = await createApp('express');
    const client = await createMcpTestClient(app, { protocolVersion });
    await app.close();
    await client[Symbol.asyncDispose]();
    await expect(client.callTool('add', { a: 1, b: 2 })).rejects.toThrow();
  },
);
