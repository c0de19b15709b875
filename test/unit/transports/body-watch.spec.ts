import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { watchBody } from '../../../lib/transports/streamable-http/http/json-body.js';

/** Long enough for a timer of a millisecond that should not be there to go off. */
const LATE_MS = 50;

it.each([
  ['breaks off at once', true, []],
  ['breaks off later', false, []],
  ['goes on', undefined, [408]],
])('a body that %s', async (_name, isAtOnce, expected) => {
  const source = new PassThrough();
  const refused: number[] = [];
  const request = Object.assign(source, { complete: false }) as unknown as IncomingMessage;
  watchBody(
    request,
    source,
    { bodyBytes: 10, requestTimeoutMs: isAtOnce === false ? 1_000 : 1 },
    ({ status }) => refused.push(status),
  );
  if (isAtOnce) source.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  if (isAtOnce === false) source.destroy();
  await delay(LATE_MS);
  expect(refused).toEqual(expected);
});
