import type { Topic } from '../requirement.js';

export const HTTP_MODERN: Topic = {
  title: 'Streamable HTTP of 2026-07-28',
  requirements: [
    {
      level: 'MUST',
      text: 'Carries requests and notifications one way, responses and notifications the other.',
      at: ['2026-07-28 basic/transports/index#messages.2'],
      tests: ['conformance/conformance.spec.ts: passes for %s'],
    },
    {
      level: 'MUST',
      text: 'Has one endpoint for POST.',
      at: ['2026-07-28 basic/transports/streamable-http#.1'],
      tests: [
        'e2e/transport/route.spec.ts: is /mcp unless told otherwise',
        'e2e/transport/answers.spec.ts: answers a call that streams nothing with JSON',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers accepted notifications with 202 and no body.',
      at: ['2026-07-28 basic/transports/streamable-http#sending-messages.7'],
      tests: ['e2e/transport/answers.spec.ts: accepts a notification of %s with 202 and nothing else'],
    },
    {
      level: 'MUST',
      text: 'Answers what it cannot accept with an HTTP error.',
      at: ['2026-07-28 basic/transports/streamable-http#sending-messages.8'],
      tests: [
        'e2e/transport/refusals.spec.ts: answers a modern response with 400',
        'e2e/transport/access.spec.ts: refuses with a JSON-RPC error on every verb, before anything runs',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers requests with JSON or with a stream.',
      at: ['2026-07-28 basic/transports/streamable-http#sending-messages.9'],
      tests: [
        'e2e/transport/answers.spec.ts: answers a call that streams nothing with JSON',
        'e2e/transport/answers.spec.ts: answers a call that reports progress with a stream that ends with the result',
      ],
    },
    {
      level: 'MUST',
      text: 'Sends only what belongs to the request before its response.',
      at: ['2026-07-28 basic/transports/streamable-http#receiving-messages.1'],
      tests: ['e2e/transport/wire.spec.ts: judges %j on a modern stream, for a request with %j'],
    },
    {
      level: 'MUST NOT',
      text: 'Sends no requests.',
      at: [
        '2026-07-28 basic/patterns/index#.1',
        '2026-07-28 basic/transports/streamable-http#receiving-messages.2',
      ],
      tests: ['e2e/transport/wire.spec.ts: does not let a modern stream carry requests'],
    },
    {
      level: 'SHOULD',
      text: 'Ends the stream with the response.',
      at: ['2026-07-28 basic/transports/streamable-http#receiving-messages.3'],
      tests: [
        'e2e/transport/answers.spec.ts: answers a call that reports progress with a stream that ends with the result',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Tells proxies not to hold streams back.',
      at: ['2026-07-28 basic/transports/streamable-http#receiving-messages.4'],
      tests: [
        'e2e/transport/answers.spec.ts: answers a call that reports progress with a stream that ends with the result',
      ],
    },
    {
      level: 'MUST',
      text: 'Takes a closed stream for cancellation, stops and says no more.',
      at: ['2026-07-28 basic/transports/streamable-http#cancellation.1-3'],
      tests: [
        'e2e/transport/cancellation.spec.ts: aborts the signal of a handler whose client leaves the stream, and writes nothing more',
        'e2e/transport/cancellation.spec.ts: aborts the signal of a handler whose client leaves before anything was sent',
      ],
    },
    {
      level: 'MUST',
      text: 'Wants the version in a header of every request.',
      at: ['2026-07-28 basic/transports/streamable-http#protocol-version-header.1'],
      tests: ['e2e/transport/versions.spec.ts: answers -32020 to a modern body without the header'],
    },
    {
      level: 'MUST',
      text: 'Refuses with 400 and -32020 where header and body name different versions.',
      at: ['2026-07-28 basic/transports/streamable-http#protocol-version-header.2-3'],
      tests: ['e2e/transport/versions.spec.ts: answers -32020 where header and body name different versions'],
    },
    {
      level: 'MUST',
      text: 'Refuses unknown versions with 400 and those it has.',
      at: ['2026-07-28 basic/transports/streamable-http#protocol-version-header.4'],
      tests: ['e2e/transport/versions.spec.ts: answers the unknown version %j with the versions it supports'],
    },
    {
      level: 'MUST',
      text: 'Answers an unknown method with 404 and -32601.',
      at: ['2026-07-28 basic/transports/streamable-http#protocol-version-header.5'],
      tests: [
        'e2e/transport/refusals.spec.ts: answers an unknown method of a modern request with 404 and -32601',
      ],
    },
    {
      level: 'MUST',
      text: 'Refuses requests without the header when it serves modern clients only.',
      at: ['2026-07-28 basic/transports/streamable-http#protocol-version-header.6'],
      tests: [
        'e2e/transport/versions.spec.ts: names its versions to a legacy client if it serves none of them',
      ],
    },
    {
      level: 'MUST',
      text: 'Wants the method and the name in headers too.',
      at: ['2026-07-28 basic/transports/streamable-http#standard-request-headers.1'],
      tests: [
        'e2e/transport/modern-headers.spec.ts: refuses tools/list with the Mcp-Method %j',
        'e2e/transport/modern-headers.spec.ts: refuses a call of echo with the Mcp-Name %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Decodes header values before it compares them.',
      at: [
        '2026-07-28 basic/transports/streamable-http#server-validation.5',
        '2026-07-28 basic/transports/streamable-http#value-encoding.4-6',
      ],
      tests: [
        'e2e/transport/modern-headers.spec.ts: compares names that cannot be written in a header by what they stand for',
        'e2e/transport/mirrored-parameters.spec.ts: takes %j with the headers %j',
        'e2e/transport/mirrored-parameters.spec.ts: refuses %j with the headers %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Refuses header values with characters that may not be there.',
      at: ['2026-07-28 basic/transports/streamable-http#server-behavior-for-custom-headers.2'],
      tests: [
        'e2e/transport/mirrored-parameters.spec.ts: refuses %j with the headers %j',
        'e2e/transport/modern-headers.spec.ts: refuses characters that a header may not hold, even where the body has them',
      ],
    },
    {
      level: 'MUST',
      text: 'Refuses with 400 and -32020 where headers and body differ.',
      at: [
        '2026-07-28 basic/transports/streamable-http#server-behavior-for-custom-headers.3-4',
        '2026-07-28 basic/transports/streamable-http#server-validation.1,3-4',
      ],
      tests: [
        'e2e/transport/mirrored-parameters.spec.ts: refuses %j with the headers %j',
        'e2e/transport/modern-headers.spec.ts: refuses tools/list with the Mcp-Method %j',
        'e2e/transport/modern-headers.spec.ts: refuses a call of echo with the Mcp-Name %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Wants the header of a parameter exactly where the parameter has a value.',
      at: ['2026-07-28 basic/transports/streamable-http#server-behavior-for-custom-headers.6,8,10-11'],
      tests: [
        'e2e/transport/mirrored-parameters.spec.ts: takes %j with the headers %j',
        'e2e/transport/mirrored-parameters.spec.ts: refuses %j with the headers %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Reads names of headers in any case.',
      at: ['2026-07-28 basic/transports/streamable-http#case-sensitivity.1'],
      tests: [
        'e2e/transport/modern-headers.spec.ts: reads Mcp-Method under any spelling of its name and with spaces around its value',
        'e2e/transport/versions.spec.ts: reads a header name in any case',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Compares whole numbers as numbers.',
      at: ['2026-07-28 basic/transports/streamable-http#server-validation.2'],
      tests: [
        'unit/protocol/mcp-headers.spec.ts: compares integers as numbers',
        'e2e/transport/mirrored-parameters.spec.ts: takes %j with the headers %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Answers GET and DELETE with 405 and ignores what belongs to sessions, where it has none.',
      at: ['2026-07-28 basic/transports/streamable-http#earlier-streamable-http-revisions.1'],
      tests: [
        'e2e/transport/refusals.spec.ts: answers %s with 405 and what is allowed',
        'e2e/transport/answers.spec.ts: sends no session id and no trace of the server',
      ],
    },
    {
      level: 'SHOULD NOT',
      text: 'Does without the transport of 2024-11-05.',
      at: ['2026-07-28 basic/transports/streamable-http#http-sse-transport-2024-11-05.1-2'],
      reason: 'It never had it.',
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/transports/streamable-http#backward-compatibility.1',
        '2026-07-28 basic/transports/streamable-http#client-behavior.1-2',
        '2026-07-28 basic/transports/streamable-http#custom-headers-from-tool-parameters.1-2',
        '2026-07-28 basic/transports/streamable-http#sending-messages.2,4-6,10',
        '2026-07-28 basic/transports/streamable-http#server-behavior-for-custom-headers.5,7,9',
        '2026-07-28 basic/transports/streamable-http#standard-request-headers.2',
        '2026-07-28 basic/transports/streamable-http#value-encoding.1-3,7',
      ],
    },
    {
      reason: 'It binds what stands between client and server.',
      at: [
        '2026-07-28 basic/transports/streamable-http#server-behavior-for-custom-headers.1',
        '2026-07-28 basic/transports/streamable-http#server-validation.6-8',
      ],
    },
    {
      reason: 'It binds who writes a transport of another kind.',
      at: ['2026-07-28 basic/transports/index#custom-transports.1-3'],
    },
  ],
};
