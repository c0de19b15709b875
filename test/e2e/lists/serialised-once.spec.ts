import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpModule, McpRegistry, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { ERAS, resultsIn } from '../../support/ask.js';

const written: string[] = [];
/** Metadata that notes when it is made JSON of. */
const noting = (name: string) => ({ toJSON: () => (written.push(name), { 'example.com/name': name }) });
const isAdmin = (ctx: any) => ctx.http.request.headers['x-admin'] === 'yes';

@Injectable()
class Tools {
  @McpTool({ _meta: noting('a') }) a() {}
  @McpTool({ _meta: noting('b') }) b() {}
}

@Injectable()
class Restricted extends Tools {
  @McpTool({ _meta: noting('c'), visible: isAdmin }) c() {}
}

describe.each([
  ['shared by all callers', Tools, 2],
  ['of each caller', Restricted, 3],
] as const)('a list %s', (_, provider, count) => {
  let app: TestApp;
  const list = async () => {
    for (const era of ERAS) {
      for (const headers of [{}, { 'x-admin': 'yes' }]) await resultsIn(app, era)('tools/list', {}, headers);
    }
  };

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()], providers: [provider] });
    await list();
  });
  beforeEach(() => void written.splice(0));
  afterAll(() => app.close());

  it('is not serialised again while nothing changes', async () => {
    for (let n = 0; n < 5; n++) await list();
    expect(written).toEqual([]);
  });

  it('is serialised where it has changed', async () => {
    const registry = app.app.get(McpRegistry, { strict: false });
    await registry.replaceTool({ name: 'a', _meta: noting('new') }, () => '');
    await list();
    await list();
    expect(written).toEqual(['new', 'new']);
    const { tools } = await resultsIn(app, 'modern')('tools/list', {}, { 'x-admin': 'yes' });
    expect(tools).toHaveLength(count);
    expect(tools[0]._meta).toEqual({ 'example.com/name': 'new' });
  });
});
