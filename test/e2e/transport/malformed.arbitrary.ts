import fc from 'fast-check';
import type { RawRequest } from './raw-socket.js';

const VERSIONS = [
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  '2026-07-28',
  'v999',
  '',
  '2026-07-28, 2026-07-28',
];
const METHODS = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'server/discover',
  'logging/setLevel',
  'resources/read',
  'prompts/get',
  'subscriptions/listen',
  'completion/complete',
  'notifications/cancelled',
  'notifications/initialized',
  '__proto__',
  'constructor',
  '',
];
const NAMES = ['echo', 'count', 'nobody', '__proto__', ' ', 'ä', '\u0000', '\ud800'];
const ODD_NUMBERS = [
  '1e400',
  '-0',
  '1.5',
  '9007199254740993',
  '0.1e-400',
  '1E+2',
  '-1',
  `${'1'.repeat(400)}`,
];

/** Values that JSON can hold and that a careless reader trips over. */
const oddValue = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, '', [], {}, [[]], [null], {
      toString: 1,
      valueOf: 1,
    }),
  },
  { weight: 10, arbitrary: fc.constantFrom(...METHODS, ...NAMES, ...VERSIONS) },
  { weight: 10, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 10, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constant(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}')),
  },
);

const META = 'io.modelcontextprotocol/';
const meta = fc.record(
  {
    [`${META}protocolVersion`]: fc.oneof(
      { weight: 4, arbitrary: fc.constant<unknown>('2026-07-28') },
      oddValue,
    ),
    [`${META}clientCapabilities`]: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>({}) }, oddValue),
    [`${META}clientInfo`]: oddValue,
    [`${META}logLevel`]: fc.oneof(fc.constant<unknown>('debug'), oddValue),
    progressToken: fc.oneof(fc.constantFrom<unknown>(1, 'p'), oddValue),
  },
  { requiredKeys: [] },
);

const params = fc.record(
  {
    name: fc.oneof({ weight: 2, arbitrary: fc.constantFrom<unknown>(...NAMES) }, oddValue),
    uri: oddValue,
    arguments: fc.oneof(fc.constantFrom<unknown>({}, { to: 2 }), oddValue),
    level: oddValue,
    protocolVersion: fc.oneof(fc.constantFrom<unknown>(...VERSIONS), oddValue),
    capabilities: oddValue,
    clientInfo: oddValue,
    requestId: oddValue,
    _meta: fc.oneof({ weight: 3, arbitrary: meta }, oddValue),
  },
  { requiredKeys: [] },
);

const rarely = { weight: 1, arbitrary: oddValue };

/** A member that is mostly as it should be. */
const mostly = (...usual: unknown[]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...usual) }, rarely);

const call = fc.record(
  {
    jsonrpc: mostly('2.0'),
    id: mostly(0, 1, 'x', 'a\u0000\n\u007f\u2028'),
    method: mostly(...METHODS),
    params: fc.oneof({ weight: 15, arbitrary: params }, rarely),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);
const response = fc.record(
  { jsonrpc: mostly('2.0'), id: oddValue, method: oddValue, result: oddValue, error: oddValue },
  { requiredKeys: ['jsonrpc'] },
);
const json = fc.oneof(
  { weight: 6, arbitrary: call },
  response,
  fc.array(fc.oneof({ weight: 4, arbitrary: call }, response), { maxLength: 4 }),
  oddValue,
);

/** Text with something in it that no value of JavaScript stands for. */
const jsonText = fc
  .tuple(
    json.map((value) => JSON.stringify(value)),
    fc.option(fc.constantFrom(...ODD_NUMBERS), { freq: 5 }),
  )
  .map(([text, odd]) => (odd === null ? text : text.replace(/(?<=[:[])(?:-?\d+|null|true)(?=[,\]}])/, odd)));

const body: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 12, arbitrary: jsonText },
  {
    weight: 1,
    arbitrary: jsonText.chain((text) => fc.nat(text.length).map((length) => text.slice(0, length))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  { weight: 1, arbitrary: fc.nat(5000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)) },
  { weight: 1, arbitrary: fc.constant('') },
);

/** Values of a header that HTTP allows. */
const headerText = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,12}$/);
const value = (...usual: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: headerText });

const header = fc.oneof(
  fc.tuple(fc.constant('MCP-Protocol-Version'), value(...VERSIONS)),
  fc.tuple(fc.constant('Mcp-Method'), value(...METHODS)),
  fc.tuple(fc.constant('Mcp-Name'), value('echo', 'count', '=?base64?ZWNobw==?=', '=?base64?%%?=', '')),
  fc.tuple(fc.constantFrom('Mcp-Param-Region', 'Mcp-Param-'), value('x', '=?base64?/w==?=')),
  fc.tuple(fc.constant('Mcp-Session-Id'), value('1', '', 'x'.repeat(2000))),
  fc.tuple(fc.constant('Last-Event-ID'), value('0', '-1')),
  fc.tuple(fc.constant('Accept'), value('application/json', 'text/event-stream', '*/*', 'image/png', '')),
  fc.tuple(fc.constant('Origin'), value('http://localhost', 'null', 'https://evil.example')),
  fc.tuple(fc.constantFrom('X-Odd', 'Cookie', 'Authorization', 'Content-Encoding', '__proto__'), headerText),
);

const headers = fc.oneof(fc.constant([]), fc.array(header, { maxLength: 6 }));
const contentType = fc.oneof({ weight: 30, arbitrary: fc.constant('application/json') }, headerText);
const verb = fc.oneof(
  { weight: 20, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'),
);

interface Parts {
  readonly headers: readonly (readonly string[])[];
  readonly body: string | Uint8Array;
}

const anything: fc.Arbitrary<Parts> = fc.record({ headers, body });

/** A modern request whose headers belong to it, except for what is added. */
const almostModern: fc.Arbitrary<Parts> = fc
  .record({
    method: fc.constantFrom(...METHODS),
    params,
    meta,
    added: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(header, { maxLength: 1 })),
  })
  .map(({ method, params: given, meta: changes, added }) => {
    const _meta = { [`${META}protocolVersion`]: '2026-07-28', [`${META}clientCapabilities`]: {}, ...changes };
    const name = [given.name, given.uri].find((text) => typeof text === 'string') ?? '';
    return {
      headers: [
        ['MCP-Protocol-Version', '2026-07-28'],
        ['Mcp-Method', method],
        ['Mcp-Name', `=?base64?${Buffer.from(name).toString('base64')}?=`],
        ...added,
      ],
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...given, _meta } }),
    };
  });

/** A request that HTTP allows and that MCP, more often than not, does not. */
export const malformedRequest: fc.Arbitrary<RawRequest> = fc
  .tuple(verb, contentType, fc.oneof({ weight: 2, arbitrary: anything }, almostModern), fc.boolean())
  .map(([method, type, { headers: list, body: content }, isChunked]) => {
    const bytes = Buffer.from(content as string);
    const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes.length}`;
    const lines = list.map(([name, text]) => `${name}: ${text}`);
    const fixed = [
      `${method} /mcp HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      `Content-Type: ${type}`,
      length,
    ];
    return {
      head: `${[...fixed, ...lines].join('\r\n')}\r\n\r\n`,
      body: isChunked ? chunked(bytes) : bytes,
    };
  });

function chunked(bytes: Buffer): Buffer {
  const parts =
    bytes.length === 0 ? [] : [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')];
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
