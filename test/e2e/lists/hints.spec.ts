import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  InMemorySessionAdapter,
  McpCompletion,
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';

@Injectable()
class One {
  @McpTool() tool() {}
  @McpPrompt({ arguments: [{ name: 'a' }] }) prompt() {
    return '';
  }
  @McpCompletion({ prompt: 'prompt', argument: 'a' }) complete() {
    return [];
  }
  @McpResource({ uri: 'x://1' }) plain() {
    return '';
  }
  @McpResource({ uri: 'x://2', cacheHint: { cacheScope: 'public' } }) hinted() {
    return '';
  }
  @McpResource({ uriTemplate: 'x://t/{a}', cacheHint: { ttlMs: 0 } }) template() {
    return '';
  }
}

describe.each(PLATFORMS)('cache hints on %s', (platform) => {
  let app: TestApp;
  const hint = (ttlMs: number, cacheScope: 'public' | 'private') => ({ ttlMs, cacheScope });
  const cacheHints = {
    discover: hint(1, 'private'),
    tools: hint(2, 'private'),
    prompts: hint(3, 'public'),
    resources: hint(4, 'public'),
    resourceTemplates: { ttlMs: 5 },
    read: { ttlMs: 6 },
  };

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot({ cacheHints })], providers: [One] });
  });
  afterAll(() => app.close());

  it.each([
    ['server/discover', {}, hint(1, 'private')],
    ['tools/list', {}, hint(2, 'private')],
    ['prompts/list', {}, hint(3, 'public')],
    ['resources/list', {}, hint(4, 'public')],
    ['resources/templates/list', {}, hint(5, 'public')],
    ['resources/read', { uri: 'x://1' }, hint(6, 'private')],
    ['resources/read', { uri: 'x://2' }, hint(6, 'public')],
    ['resources/read', { uri: 'x://t/1' }, hint(0, 'private')],
  ])('go with %s %j', async (method, params, expected) => {
    expect(await resultsIn(app, 'modern')(method, params)).toMatchObject(expected);
  });

  it.each([
    ['prompts/get', { name: 'prompt' }],
    ['tools/call', { name: 'tool' }],
  ])('do not go with %s', async (method, params) => {
    expect(Object.keys(await resultsIn(app, 'modern')(method, params))).not.toContain('ttlMs');
  });

  it('are nothing to legacy clients', async () => {
    expect(Object.keys(await resultsIn(app, 'legacy')('tools/list'))).toEqual(['tools']);
  });
});

describe.each(MATRIX)('capabilities on %s, %s', (platform, era) => {
  const capabilitiesOf = async (app: TestApp) => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1.0.0' },
    };
    const opening =
      era === 'legacy' ? askIn(app, era)('initialize', params) : askIn(app, era)('server/discover');
    const { logging: _, ...capabilities } = (await opening).json.result.capabilities;
    return capabilities;
  };

  // Without sessions nothing reaches a legacy client between its requests; a modern one opens a stream of its own.
  const listChanged = era === 'modern' ? { listChanged: true } : {};
  const resources = era === 'modern' ? { listChanged: true, subscribe: true } : {};

  it('name what there is, and no announcement that nobody would deliver', async () => {
    const app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [One] });
    expect(await capabilitiesOf(app)).toEqual({
      tools: listChanged,
      prompts: listChanged,
      resources,
      completions: {},
    });
    await app.close();
  });

  it('promise announcements to whom sessions let them reach', async () => {
    const options = { sessionAdapter: new InMemorySessionAdapter() };
    const app = await startApp({ platform, imports: [McpModule.forRoot(options)], providers: [One] });
    expect(await capabilitiesOf(app)).toMatchObject({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
    });
    await app.close();
  });

  it('follow what is added, and stay when it is removed', async () => {
    const app = await startApp({ platform, imports: [McpModule.forRoot()] });
    const registry = app.app.get(McpRegistry, { strict: false });
    expect(await capabilitiesOf(app)).toEqual({});
    await registry.addResource({ uriTemplate: 'x://{a}' }, () => '');
    expect(await capabilitiesOf(app)).toEqual({ resources });
    await registry.addPrompt({ name: 'p', arguments: [{ name: 'a' }], complete: { a: () => [] } }, () => '');
    expect(await capabilitiesOf(app)).toEqual({ resources, prompts: listChanged, completions: {} });
    await registry.removeResource('x://{a}');
    await registry.removePrompt('p');
    // Clients that were told are not told otherwise: more may come.
    expect(await capabilitiesOf(app)).toEqual({ resources, prompts: listChanged, completions: {} });
    await app.close();
  });
});
