import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, NotFoundException } from '@nestjs/common';
import { McpContext, McpModule, McpResource } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn, type Ask } from '../../support/ask.js';

@Injectable()
class Files {
  @McpResource({ uri: 'test://text', mimeType: 'text/markdown', title: 'Text', size: 5 })
  text() {
    return 'hello';
  }

  @McpResource({ uri: 'test://bytes', mimeType: 'application/octet-stream' })
  bytes() {
    return new Uint8Array([0, 255, 1]).subarray(1);
  }

  @McpResource({ uri: 'test://one' })
  one() {
    return { text: '<b>', mimeType: 'text/html', _meta: { 'example.com/kind': 'bold' } };
  }

  @McpResource({ uri: 'test://folder', mimeType: 'text/plain' })
  folder() {
    return [
      { uri: 'test://folder/a', text: 'A' },
      { uri: 'test://folder/b', blob: Buffer.from('B'), mimeType: 'image/png' },
    ];
  }

  @McpResource({ uri: 'test://full' })
  full() {
    return { contents: [{ uri: 'test://elsewhere', text: 'T' }, 'plain'], _meta: { 'example.com/page': 1 } };
  }

  @McpResource({ uri: 'test://row', mimeType: 'text/plain' })
  row() {
    return { uri: null, mimeType: null, text: 'T', blob: null, _meta: null };
  }

  @McpResource({ uri: 'test://rows', mimeType: 'image/png' })
  rows() {
    return [
      { uri: 'test://rows/a', mimeType: undefined, text: null, blob: Buffer.from('B') },
      { uri: undefined, text: 'T', blob: undefined },
    ];
  }

  @McpResource({ uri: 'test://listed' })
  listed() {
    return { contents: [{ uri: null, mimeType: null, text: 'T', blob: null }], _meta: null };
  }

  @McpResource({ uri: 'test://data' })
  data() {
    return { at: new Date(0), list: [1] };
  }

  @McpResource({ uri: 'test://list' })
  list() {
    return ['a', 'b'];
  }

  @McpResource({ uri: 'test://empty' })
  empty() {
    return '';
  }

  @McpResource({ uri: 'test://gone' })
  gone() {}

  @McpResource({ uri: 'test://missing' })
  missing() {
    throw new NotFoundException('no such thing');
  }

  @McpResource({ uri: 'test://broken' })
  broken() {
    throw new Error('secret');
  }

  @McpResource({ uri: 'test://slow', timeoutMs: 20 })
  slow(_: unknown, ctx: McpContext) {
    return new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
  }

  @McpResource({ uri: 'test://who' })
  who(variables: object, ctx: McpContext, uri: string) {
    return { variables, uri, method: ctx.request.method };
  }
}

describe.each(MATRIX)('resources/read on %s, %s', (platform, era) => {
  let app: TestApp;
  let ask: Ask;
  const read = async (uri: string) => resultsIn(app, era)('resources/read', { uri });

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Files] });
    ask = askIn(app, era);
  });
  afterAll(() => app.close());

  it('sends text with the MIME type of the resource', async () => {
    expect((await read('test://text')).contents).toEqual([
      { uri: 'test://text', mimeType: 'text/markdown', text: 'hello' },
    ]);
  });

  it('sends bytes as base64, and of a view only what it shows', async () => {
    expect((await read('test://bytes')).contents).toEqual([
      {
        uri: 'test://bytes',
        mimeType: 'application/octet-stream',
        blob: Buffer.from([255, 1]).toString('base64'),
      },
    ]);
  });

  it('keeps what contents say of themselves', async () => {
    expect((await read('test://one')).contents).toEqual([
      { uri: 'test://one', mimeType: 'text/html', text: '<b>', _meta: { 'example.com/kind': 'bold' } },
    ]);
    expect((await read('test://folder')).contents).toEqual([
      { uri: 'test://folder/a', mimeType: 'text/plain', text: 'A' },
      { uri: 'test://folder/b', mimeType: 'image/png', blob: Buffer.from('B').toString('base64') },
    ]);
  });

  it('takes a full result', async () => {
    expect(await read('test://full')).toMatchObject({
      contents: [
        { uri: 'test://elsewhere', text: 'T' },
        { uri: 'test://full', text: 'plain' },
      ],
      _meta: { 'example.com/page': 1 },
    });
  });

  it('takes null and undefined for what contents do not say', async () => {
    expect((await read('test://row')).contents).toEqual([
      { uri: 'test://row', mimeType: 'text/plain', text: 'T' },
    ]);
    expect((await read('test://rows')).contents).toEqual([
      { uri: 'test://rows/a', mimeType: 'image/png', blob: Buffer.from('B').toString('base64') },
      { uri: 'test://rows', mimeType: 'image/png', text: 'T' },
    ]);
    expect((await read('test://listed')).contents).toEqual([{ uri: 'test://listed', text: 'T' }]);
  });

  it('sends any other value as JSON', async () => {
    expect((await read('test://data')).contents).toEqual([
      {
        uri: 'test://data',
        mimeType: 'application/json',
        text: '{"at":"1970-01-01T00:00:00.000Z","list":[1]}',
      },
    ]);
    expect((await read('test://list')).contents).toEqual([
      { uri: 'test://list', mimeType: 'application/json', text: '["a","b"]' },
    ]);
  });

  it('tells empty from missing', async () => {
    expect((await read('test://empty')).contents).toEqual([{ uri: 'test://empty', text: '' }]);
  });

  it.each(['test://gone', 'test://missing', 'test://never-there', 'not a uri', ''])(
    'answers %s as a resource that is not there',
    async (uri) => {
      const { json } = await ask('resources/read', { uri });
      const code = era === 'legacy' ? -32002 : -32602;
      expect(json.error).toEqual({ code, message: 'Resource not found', data: { uri } });
    },
  );

  it('hides why a handler failed', async () => {
    const { json } = await ask('resources/read', { uri: 'test://broken' });
    expect(json.error.code).toBe(-32603);
    expect(json.error.message).toMatch(/^Internal error \(reference [0-9a-f-]{36}\)$/);
  });

  it('gives up a handler after its time', async () => {
    const { json } = await ask('resources/read', { uri: 'test://slow' });
    expect(json.error).toMatchObject({ code: -32603, message: 'resources/read timed out after 20 ms' });
  });

  it('gives the handler no variables, the context and the URI', async () => {
    const { contents } = await read('test://who');
    expect(JSON.parse(contents[0].text)).toEqual({
      variables: {},
      uri: 'test://who',
      method: 'resources/read',
    });
  });

  it.each([undefined, 1, null, ['test://text']])('refuses the uri %j', async (uri) => {
    const { json } = await ask('resources/read', { uri });
    expect(json.error).toEqual({ code: -32602, message: 'uri must be a string' });
  });
});
