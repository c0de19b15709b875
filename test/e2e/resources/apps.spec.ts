import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpModule, McpRegistry, McpResource, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { MATRIX, resultsIn } from '../../support/ask.js';

const csp = { ui: { csp: { connectDomains: ['https://api.example.com'] } }, 'example.com/a': 1 };

@Injectable()
class Chart {
  @McpTool({ ui: 'ui://chart/view', _meta: { 'example.com/tool': 1, ui: { prefersBorder: true } } })
  chart() {
    return {
      content: [{ type: 'text', text: 'x', _meta: { 'example.com/block': 1 } }],
      _meta: { 'example.com/r': 1 },
    };
  }

  @McpTool({ ui: { resourceUri: 'ui://chart/view', visibility: ['app'] } })
  refresh() {}

  @McpResource({ uri: 'ui://chart/view', _meta: csp })
  view() {
    return '<p>chart</p>';
  }

  @McpResource({ uriTemplate: 'ui://chart/{name}', mimeType: 'text/html;profile=other' })
  named() {
    return { text: '<p>', _meta: { 'example.com/own': 1 } };
  }

  @McpResource({ uri: 'x://plain', _meta: { 'example.com/listed': 1 } })
  plain() {
    return 'plain';
  }
}

describe.each(MATRIX)('MCP Apps on %s, %s', (platform, era) => {
  let app: TestApp;
  const toolsOf = async (instance: TestApp) => (await resultsIn(instance, era)('tools/list')).tools;
  const read = async (uri: string) => (await resultsIn(app, era)('resources/read', { uri })).contents[0];

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Chart] });
  });
  afterAll(() => app.close());

  it('name the page of a tool under both keys, beside what else _meta holds', async () => {
    const [chart, refresh] = await toolsOf(app);
    expect(chart._meta).toEqual({
      'example.com/tool': 1,
      ui: { prefersBorder: true, resourceUri: 'ui://chart/view' },
      'ui/resourceUri': 'ui://chart/view',
    });
    expect(refresh._meta).toEqual({
      ui: { resourceUri: 'ui://chart/view', visibility: ['app'] },
      'ui/resourceUri': 'ui://chart/view',
    });
  });

  it('are declared as an extension where a tool has a page and the revision knows extensions', async () => {
    const plain = await startApp({ platform, imports: [McpModule.forRoot()] });
    if (era === 'legacy') {
      const params = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'a', version: '1' },
      };
      expect((await resultsIn(app, era)('initialize', params)).capabilities).not.toHaveProperty('extensions');
    } else {
      const discovered = async (each: TestApp) =>
        (await resultsIn(each, era)('server/discover')).capabilities;
      expect((await discovered(app)).extensions).toEqual({ 'io.modelcontextprotocol/ui': {} });
      await plain.app.get(McpRegistry, { strict: false }).addTool({ name: 'a' }, () => '');
      expect(await discovered(plain)).not.toHaveProperty('extensions');
      await plain.app.get(McpRegistry, { strict: false }).addTool({ name: 'b', ui: 'ui://a' }, () => '');
      expect((await discovered(plain)).extensions).toEqual({ 'io.modelcontextprotocol/ui': {} });
    }
    await plain.close();
  });

  it('add the key of the OpenAI Apps SDK on demand', async () => {
    const imports = [McpModule.forRoot({ openaiOutputTemplate: true })];
    const other = await startApp({ platform, imports });
    await other.app.get(McpRegistry, { strict: false }).addTool({ name: 'a', ui: 'ui://a' }, () => '');
    expect((await toolsOf(other))[0]._meta['openai/outputTemplate']).toBe('ui://a');
    await other.close();
  });

  it('serve pages with their MIME type, in the list and in the contents', async () => {
    const mimeType = 'text/html;profile=mcp-app';
    const { resources } = await resultsIn(app, era)('resources/list');
    expect(resources).toContainEqual({ uri: 'ui://chart/view', name: 'view', mimeType, _meta: csp });
    expect(await read('ui://chart/view')).toEqual({
      uri: 'ui://chart/view',
      mimeType,
      text: '<p>chart</p>',
      _meta: csp,
    });
    expect(await read('ui://chart/other')).toEqual({
      uri: 'ui://chart/other',
      mimeType: 'text/html;profile=other',
      text: '<p>',
      _meta: { 'example.com/own': 1 },
    });
  });

  it('leave the _meta of other resources to their list, and that of results as it is', async () => {
    expect(await read('x://plain')).toEqual({ uri: 'x://plain', text: 'plain' });
    const result = await resultsIn(app, era)('tools/call', { name: 'chart' });
    expect(result._meta).toMatchObject({ 'example.com/r': 1 });
    expect(result.content[0]._meta).toEqual({ 'example.com/block': 1 });
  });

  it.each(['https://example.com', 7, { resourceUri: 'x' }])('refuse the page %j at start', async (ui) => {
    class Wrong {
      @McpTool({ ui: ui as string }) tool() {}
    }
    Injectable()(Wrong);
    const starting = startApp({ platform, imports: [McpModule.forRoot()], providers: [Wrong] });
    await expect(starting).rejects.toThrow(
      'Wrong.tool: ui must be the URI of a resource that begins with "ui://"',
    );
  });
});
