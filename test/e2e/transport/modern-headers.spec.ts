import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { modern, send, type HttpAnswer } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

@Injectable()
class OddlyNamedTools {
  @McpTool({ name: 'a.tool-with_marks' })
  marks() {
    return 'marks';
  }
}

function expectMismatch(answer: HttpAnswer, names: RegExp) {
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: 'x', error: { code: -32020 } });
  expect(answer.json.error.message).toMatch(names);
}

function encode(value: string): string {
  return `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

describe.each(PLATFORMS)('standard headers of a modern request on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, {}, { providers: [OddlyNamedTools] });
  });
  afterAll(() => app.close());

  /** A valid request, with some of its headers changed or (`undefined`) left out. */
  const post = (
    method: string,
    params: Record<string, unknown>,
    changes: Record<string, string | undefined>,
  ) => {
    const [body, headers] = modern(method, params, { id: 'x' });
    const changed = Object.entries({ ...headers, ...changes, 'content-type': 'application/json' });
    const given = changed.filter((entry): entry is [string, string] => entry[1] !== undefined);
    return send(app.url, { headers: Object.fromEntries(given), body: JSON.stringify(body) });
  };
  const call = (changes: Record<string, string | undefined>, name = 'echo') =>
    post('tools/call', { name }, changes);

  it.each([undefined, '', 'prompts/list', 'TOOLS/LIST', 'tools/list, tools/list', encode('tools/list')])(
    'refuses tools/list with the Mcp-Method %j',
    async (value) => expectMismatch(await post('tools/list', {}, { 'mcp-method': value }), /Mcp-Method/),
  );

  it('reads Mcp-Method under any spelling of its name and with spaces around its value', async () => {
    for (const name of ['MCP-METHOD', 'Mcp-Method']) {
      const answer = await post('tools/list', {}, { 'mcp-method': undefined, [name]: ' tools/list  ' });
      expect(answer.status).toBe(200);
    }
  });

  it.each([
    undefined,
    '',
    'other',
    'ECHO',
    encode('other'),
    '=?base64?ZWNobw?=',
    '=?base64?ZWN!!!obw==?=',
    '=?BASE64?ZWNobw==?=',
    'ZWNobw==',
  ])('refuses a call of echo with the Mcp-Name %j', async (value) => {
    expectMismatch(await call({ 'mcp-name': value }), /Mcp-Name/);
    expect(app.tools.calls).toEqual([]);
  });

  it.each(['  echo  ', encode('echo')])('takes the Mcp-Name %j for echo', async (value) => {
    expect((await call({ 'mcp-name': value })).json.result.resultType).toBe('complete');
    app.tools.calls.length = 0;
  });

  it('takes a name with marks', async () => {
    const answer = await call({}, 'a.tool-with_marks');
    expect(answer.json.result.content).toEqual([{ type: 'text', text: 'marks' }]);
  });

  it('compares names that cannot be written in a header by what they stand for', async () => {
    for (const name of ['Wetter für 東京', 'line\nbreak', ' padded ', '=?base64?literal?=']) {
      const answer = await call({ 'mcp-name': encode(name) }, name);
      expect(answer.json.error.code).toBe(-32602);
      expectMismatch(await call({ 'mcp-name': encode(`${name}!`) }, name), /Mcp-Name/);
    }
  });

  it('refuses characters that a header may not hold, even where the body has them', async () => {
    expectMismatch(await call({ 'mcp-name': 'für' }, 'für'), /Mcp-Name/);
  });

  it('refuses a sentinel that is not UTF-8', async () => {
    expectMismatch(await call({ 'mcp-name': '=?base64?/w==?=' }, '\ufffd'), /Mcp-Name/);
  });

  it('refuses a repeated Mcp-Name', async () => {
    const [body, headers] = modern('tools/call', { name: 'echo' }, { id: 'x' });
    const list = Object.entries({ host: 'localhost', ...headers, 'content-type': 'application/json' }).flat();
    const answer = await send(app.url, {
      headers: [...list, 'mcp-name', 'echo'],
      body: JSON.stringify(body),
    });
    expectMismatch(answer, /Mcp-Name/);
  });

  it('compares Mcp-Name with the uri of resources/read and the name of prompts/get', async () => {
    const uri = 'file:///a%20b.txt';
    expectMismatch(await post('resources/read', { uri }, { 'mcp-name': undefined }), /Mcp-Name/);
    expectMismatch(await post('resources/read', { uri }, { 'mcp-name': 'file:///a b.txt' }), /params\.uri/);
    expectMismatch(await post('prompts/get', { name: 'p' }, { 'mcp-name': 'q' }), /params\.name/);
  });

  it('asks for no Mcp-Name where nothing is named', async () => {
    expect((await post('tools/list', {}, { 'mcp-name': 'whatever' })).status).toBe(200);
    const nameless = await post('tools/call', {}, {});
    expect(nameless.json.error.code).toBe(-32602);
  });

  it('asks a notification for no headers', async () => {
    const answer = await app.post(
      { jsonrpc: '2.0', method: 'notifications/x' },
      { 'mcp-protocol-version': '2026-07-28' },
    );
    expect(answer.status).toBe(202);
  });
});
