import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern, send, type HttpAnswer } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

@Injectable()
class MirroringTools {
  @McpTool({
    name: 'query',
    input: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        limit: { type: 'integer', 'x-mcp-header': 'Limit' },
        dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
        where: { type: 'object', properties: { tenant: { type: 'string', 'x-mcp-header': 'Tenant' } } },
        text: { type: 'string' },
      },
    },
  })
  query(args: Record<string, unknown>) {
    return JSON.stringify(args);
  }
}

const CASES_ACCEPTED: [args: unknown, headers: Record<string, string>][] = [
  [{ region: 'us-west1' }, { region: 'us-west1' }],
  [{ region: 'us-west1' }, { region: '  us-west1  ' }],
  [{ region: 'Hello' }, { region: '=?base64?SGVsbG8=?=' }],
  [{ region: 'SGVsbG8=' }, { region: 'SGVsbG8=' }],
  [{ region: '=?base64?SGVsbG8=' }, { region: '=?base64?SGVsbG8=' }],
  [{ region: 'Hello, 世界' }, { region: '=?base64?SGVsbG8sIOS4lueVjA==?=' }],
  [{ region: ' padded ' }, { region: '=?base64?IHBhZGRlZCA=?=' }],
  [{ region: 'line1\nline2' }, { region: '=?base64?bGluZTEKbGluZTI=?=' }],
  [{ region: '=?base64?literal?=' }, { region: '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=' }],
  [{ region: '' }, { region: '' }],
  [{ region: '' }, { region: '=?base64??=' }],
  [{ limit: 42 }, { limit: '42' }],
  [{ limit: 42 }, { limit: '42.0' }],
  [{ limit: 42 }, { limit: '=?base64?NDI=?=' }],
  [{ limit: -7 }, { limit: '-7' }],
  [{ limit: 0 }, { limit: '0' }],
  [{ dry: false }, { dry: 'false' }],
  [{ dry: true }, { dry: 'true' }],
  [{ where: { tenant: 'acme' } }, { tenant: 'acme' }],
  [{ region: null, limit: null }, {}],
  [{ where: null }, {}],
  [{ text: 'not mirrored' }, { text: 'whatever' }],
  [{}, {}],
  [undefined, {}],
];

const CASES_REFUSED: [args: unknown, headers: Record<string, string>][] = [
  [{ region: 'us-west1' }, {}],
  [{ region: 'us-west1' }, { region: 'us-east1' }],
  [{ region: 'us-west1' }, { region: 'US-WEST1' }],
  [{ region: 'Hello' }, { region: '=?base64?SGVsbG8?=' }],
  [{ region: 'Hello' }, { region: '=?base64?SGVs!!!bG8=?=' }],
  [{ region: 'Hello' }, { region: '=?BASE64?SGVsbG8=?=' }],
  [{ region: '=?base64?literal?=' }, { region: '=?base64?literal?=' }],
  [{ region: 'für' }, { region: 'für' }],
  [{ region: '\ufffd' }, { region: '=?base64?/w==?=' }],
  [{ limit: 42 }, { limit: '43' }],
  [{ limit: 42 }, { limit: '4.2e1' }],
  [{ limit: 42 }, { limit: '0x2a' }],
  [{ limit: 0 }, { limit: '' }],
  [{ limit: 42 }, { limit: '42 42' }],
  [{ dry: false }, { dry: 'False' }],
  [{ dry: false }, { dry: '0' }],
  [{ where: { tenant: 'acme' } }, {}],
  [{ where: { tenant: 'acme' } }, { tenant: 'other' }],
  [{ region: null }, { region: 'null' }],
  [{}, { region: 'us-west1' }],
  [undefined, { tenant: 'acme' }],
  [{ region: { toString: 1, valueOf: 1 } }, { region: 'x' }],
  [{ region: ['us-west1'] }, { region: 'us-west1' }],
];

describe.each(PLATFORMS)('mirrored parameters on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, {}, { providers: [MirroringTools] });
  });
  afterAll(() => app.close());

  function call(args: unknown, mirrored: Record<string, string>): Promise<HttpAnswer> {
    const [body, headers] = modern('tools/call', { name: 'query', arguments: args }, { id: 'x' });
    const extra = Object.entries(mirrored).map(([name, value]) => [`Mcp-Param-${name}`, value]);
    const all = { ...headers, 'content-type': 'application/json', ...Object.fromEntries(extra) };
    return send(app.url, { headers: all, body: JSON.stringify(body) });
  }

  it.each(CASES_ACCEPTED)('takes %j with the headers %j', async (args, headers) => {
    const answer = await call(args, headers);
    expect(answer.status).toBe(200);
    expect(answer.json.error).toBeUndefined();
  });

  it.each(CASES_REFUSED)('refuses %j with the headers %j', async (args, headers) => {
    const answer = await call(args, headers);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: 'x', error: { code: -32020 } });
    expect(answer.json.error.message).toContain('mcp-param-');
  });

  it('gives the handler the arguments of the body', async () => {
    const args = { region: 'us-west1', limit: 42, dry: true, where: { tenant: 'acme' } };
    const answer = await call(args, { region: 'us-west1', limit: '42.0', dry: 'true', tenant: 'acme' });
    expect(JSON.parse(answer.json.result.content[0].text)).toEqual(args);
  });

  it('shows clients the annotation', async () => {
    const { json } = await app.post(...modern('tools/list'));
    const tool = json.result.tools.find(({ name }: { name: string }) => name === 'query');
    expect(tool.inputSchema.properties.region).toEqual({ type: 'string', 'x-mcp-header': 'Region' });
  });

  it('asks nothing of a legacy client', async () => {
    const answer = await app.post(legacy('tools/call', { name: 'query', arguments: { region: 'x' } }), {
      'mcp-protocol-version': '2025-11-25',
      'mcp-param-region': 'y',
    });
    expect(answer.json.result.content[0].text).toBe('{"region":"x"}');
  });
});
