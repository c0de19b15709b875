import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORMS } from '../../support/app.js';
import { legacy, send } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

const LENIENT = [
  undefined,
  '',
  '*/*',
  'application/json',
  'application/json, text/event-stream',
  'Application/JSON',
  'text/html',
  'text/event-stream;q=0.5, application/json',
  'text/event-stream;q=0, application/json',
  'text/event-stream;q=0, */*',
  'application/json;q=0',
  'application/json-seq',
];

describe.each(PLATFORMS)('Accept on %s', (platform) => {
  let lenient: TransportApp;
  let strict: TransportApp;
  beforeAll(async () => {
    lenient = await startTransport(platform);
    strict = await startTransport(platform, { strictAccept: true });
  });
  afterAll(() => Promise.all([lenient.close(), strict.close()]));

  const ping = ({ url }: TransportApp, accept: string | undefined) =>
    send(url, {
      headers: { 'content-type': 'application/json', ...(accept !== undefined && { accept }) },
      body: JSON.stringify(legacy('ping', undefined, 1)),
    });

  it.each(LENIENT)('answers %j with JSON when no stream is needed', async (accept) => {
    const answer = await ping(lenient, accept);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  it.each([
    ...[undefined, '*/*', 'text/event-stream', 'TEXT/EVENT-STREAM, application/json', 'text/html'],
    ...['application/json;q=0, text/event-stream', 'application/json-seq, text/*;q=0.1', '*/*;q=0.001'],
    ...['application/json;q=0', 'text/event-stream;q=0, application/json;q=0', '*/*;q=0'],
  ])('streams to %j when there is something to stream', async (accept) => {
    const call = legacy('tools/call', { name: 'count', _meta: { progressToken: 1 } });
    const answer = await send(lenient.url, {
      headers: { 'content-type': 'application/json', ...(accept !== undefined && { accept }) },
      body: JSON.stringify(call),
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.messages).toHaveLength(4);
  });

  it.each([
    'application/json',
    'application/*;q=0.5',
    'text/event-stream;q=0, application/json',
    'application/json, text/event-stream; q=0.000',
    '*/*, text/event-stream;q=0.0',
    'text/*;Q=0, */*',
  ])('streams nothing to %j, and answers with JSON', async (accept) => {
    const call = legacy('tools/call', { name: 'count', _meta: { progressToken: 1 } });
    const answer = await send(lenient.url, {
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(call),
    });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json.result).toBeDefined();
  });

  it.each([
    ...[undefined, '', '*/*', 'application/json', 'text/event-stream'],
    ...['application/json, text/event-stream;q=0', 'application/json;q=0, text/event-stream'],
    ...['application/json-seq, text/event-stream', 'application/json, text/event-streams'],
  ])('answers %j with 406 if it is strict', async (accept) => {
    const answer = await ping(strict, accept);
    expect(answer.status).toBe(406);
    expect(answer.json).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: expect.objectContaining({ code: -32600 }),
    });
  });

  it.each(['application/json, text/event-stream', 'Text/Event-Stream, Application/JSON;q=0.9'])(
    'serves %j if it is strict',
    async (accept) => expect((await ping(strict, accept)).status).toBe(200),
  );
});
