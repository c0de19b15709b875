import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIMEOUT_MS, startSample, type RunningProgram } from './support.js';

const API_KEY = 'secret of this test';

/** As much of a client as both libraries have in common. */
interface TestClient {
  readonly version: string | undefined;
  list(): Promise<string[]>;
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<any>;
  close(): Promise<void>;
}

interface CallOptions {
  readonly onprogress?: (progress: any) => void;
  readonly signal?: AbortSignal;
}

type Connect = (url: URL, headers?: Record<string, string>) => Promise<TestClient>;

const connectV1: Connect = async (url, headers = {}) => {
  const client = new ClientV1({ name: 'test', version: '1.0.0' });
  const transport = new TransportV1(url, { requestInit: { headers } });
  await client.connect(transport);
  return {
    version: transport.protocolVersion,
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
    close: () => client.close(),
  };
};

function connectV2(mode: 'legacy' | 'auto'): Connect {
  return async (url, headers = {}) => {
    const client = new ClientV2({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
    await client.connect(new TransportV2(url, { requestInit: { headers } }));
    return {
      version: client.getNegotiatedProtocolVersion(),
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: (name, args, options) => client.callTool({ name, arguments: args }, options),
      close: () => client.close(),
    };
  };
}

const clients: { client: string; connect: Connect; version: string }[] = [
  { client: '@modelcontextprotocol/sdk', connect: connectV1, version: '2025-11-25' },
  { client: '@modelcontextprotocol/client, legacy', connect: connectV2('legacy'), version: '2025-11-25' },
  { client: '@modelcontextprotocol/client, modern', connect: connectV2('auto'), version: '2026-07-28' },
];

let sample: RunningProgram;

beforeAll(async () => {
  sample = await startSample('15-tools', { API_KEY });
}, START_TIMEOUT_MS);

afterAll(() => sample?.stop());

describe.each(clients)('sample 15-tools for $client', ({ connect, version }) => {
  let client: TestClient;

  beforeAll(async () => {
    client = await connect(new URL(sample.url));
  });

  afterAll(() => client.close());

  it(`is served ${version}`, () => {
    expect(client.version).toBe(version);
  });

  it('lists its tools, of which the first needs no arguments', async () => {
    const names = await client.list();
    expect(names.toSorted()).toEqual([
      'browse_subjects',
      'get_availability',
      'reserve_book',
      'search_books',
      'take_stock',
    ]);
    const { structuredContent } = await client.call(names[0] as string, {});
    expect(structuredContent.subjects).toContainEqual({ subject: 'biology', titles: 3 });
  });

  it('finds books and applies the default of the DTO', async () => {
    const { structuredContent } = await client.call('search_books', {});
    expect(structuredContent.found).toBe(12);
    expect(structuredContent.books).toHaveLength(5);
  });

  it('refuses arguments that do not fit', async () => {
    const { isError, content } = await client.call('search_books', { limit: 21 });
    expect(isError).toBe(true);
    expect(content[0].text).toContain('limit');
  });

  it('tells the availability at a branch', async () => {
    const { content } = await client.call('get_availability', { bookId: 'on-liberty', branch: 'south' });
    expect(content[0].text).toBe('2 copies of "on-liberty" at the south branch');
  });

  it('answers an unknown id with the message of the exception', async () => {
    const { isError, content } = await client.call('get_availability', {
      bookId: 'nothing',
      branch: 'south',
    });
    expect({ isError, text: content[0].text }).toEqual({
      isError: true,
      text: 'There is no book with the id "nothing"',
    });
  });

  it('reserves a book for those with the API key only', async () => {
    const request = { bookId: 'frankenstein', branch: 'north', reader: ' Ada ' };
    const refused = await client.call('reserve_book', request);
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: 'Send the API key in the header X-Api-Key' }],
    });

    const librarian = await connect(new URL(sample.url), { 'X-Api-Key': API_KEY });
    const { structuredContent } = await librarian.call('reserve_book', request);
    expect(structuredContent).toMatchObject({ bookId: 'frankenstein', reader: 'Ada' });
    await librarian.close();
  });

  it('reports progress while it takes stock', async () => {
    const messages: string[] = [];
    const { content } = await client.call(
      'take_stock',
      {},
      { onprogress: ({ message }) => messages.push(message) },
    );
    expect(content[0].text).toBe('29 copies of 12 books');
    expect(messages).toEqual(['counted biology', 'counted fiction', 'counted philosophy', 'counted physics']);
  });
});

it.each(['SIGINT', 'SIGTERM'] as const)('stops on %s while a call is running', async (signal) => {
  const program = await startSample('15', { API_KEY });
  const client = await connectV1(new URL(program.url));
  const inTime = new Promise((resolve) => {
    void client.call('take_stock', {}, { onprogress: resolve }).catch(() => undefined);
  });
  await inTime;
  expect(await program.stop(signal)).toBe(signal);
  await client.close();
});
