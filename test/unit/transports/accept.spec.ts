import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import {
  isStrictlyAccepting,
  readAccept,
} from '../../../lib/transports/streamable-http/http/http-exchange.js';

const request = (accept?: string) => ({ headers: accept === undefined ? {} : { accept } }) as IncomingMessage;

const BOTH = { json: true, sse: true };
const JSON_ONLY = { json: true, sse: false };
const SSE_ONLY = { json: false, sse: true };

describe('readAccept', () => {
  it.each([
    [undefined, BOTH],
    ['', BOTH],
    ['image/png', BOTH],
    ['*/*', BOTH],
    ['application/json, text/event-stream', BOTH],
    ['text/*, application/*;q=0.1', BOTH],
    ['application/json', JSON_ONLY],
    ['Application/JSON; charset=utf-8', JSON_ONLY],
    ['text/event-stream', SSE_ONLY],
    ['TEXT/*', SSE_ONLY],
  ])('reads %j', (accept, accepted) => expect(readAccept(request(accept))).toEqual(accepted));
});

describe('isStrictlyAccepting', () => {
  it.each([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['text/event-stream', false],
    ['application/json, text/event-stream', true],
    ['text/event-stream;q=0.5,Application/JSON', true],
  ])('judges %j', (accept, strict) => expect(isStrictlyAccepting(request(accept))).toBe(strict));
});
