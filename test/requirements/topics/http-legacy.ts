import type { Topic } from '../requirement.js';

export const HTTP_LEGACY: Topic = {
  title: 'Streamable HTTP of 2025-03-26 to 2025-11-25, and what all revisions share',
  requirements: [
    {
      level: 'MUST',
      text: 'Reads and writes UTF-8.',
      at: ['2025-03-26..2025-11-25 basic/transports#.1', '2026-07-28 basic/transports/index#messages.1'],
      tests: [
        'e2e/hostile/unicode.spec.ts: that is no UTF-8 is refused: %s',
        'e2e/hostile/unicode.spec.ts: may be split anywhere between its bytes',
        'e2e/transport/answers.spec.ts: echoes ids of every kind as they are',
      ],
    },
    {
      level: 'MUST',
      text: 'Has one endpoint for POST and GET.',
      at: ['2025-03-26..2025-11-25 basic/transports#streamable-http.1'],
      tests: [
        'e2e/sessions/listening.spec.ts: begins at once, with headers that keep proxies from holding it back',
        'e2e/transport/route.spec.ts: is /mcp unless told otherwise',
      ],
    },
    {
      level: 'MUST',
      text: 'Checks the Origin of every request and refuses foreign ones with 403.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#security-warning.1',
        '2025-11-25 basic/transports#security-warning.1-2',
        '2026-07-28 basic/transports/streamable-http#security-endpoint.1-2',
      ],
      tests: [
        'e2e/transport/access.spec.ts: refuses with a JSON-RPC error on every verb, before anything runs',
        'e2e/transport/access.spec.ts: lets configured origins in, and no other',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Listens on this machine only when it runs locally.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#security-warning.2',
        '2025-11-25 basic/transports#security-warning.3',
        '2026-07-28 basic/transports/streamable-http#security-endpoint.3',
      ],
      reason:
        'The application chooses its address; on loopback the library lets local names in only, which has tests of its own.',
    },
    {
      level: 'SHOULD',
      text: 'Authenticates all connections.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#security-warning.3',
        '2025-11-25 basic/transports#security-warning.4',
        '2026-07-28 basic/transports/streamable-http#security-endpoint.4',
      ],
      tests: [
        'e2e/transport/nest-pipeline.spec.ts: lets a global guard refuse with any status, before anything runs',
        'e2e/transport/nest-pipeline.spec.ts: takes the principal from the user a guard leaves in the request',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers accepted notifications and responses with 202 and no body.',
      at: ['2025-03-26..2025-11-25 basic/transports#sending-messages-to-the-server.5'],
      tests: [
        'e2e/transport/answers.spec.ts: accepts a notification of %s with 202 and nothing else',
        'e2e/transport/batch.spec.ts: accepts a batch of notifications and responses with 202',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers what it cannot accept with an HTTP error.',
      at: ['2025-03-26..2025-11-25 basic/transports#sending-messages-to-the-server.6'],
      tests: [
        'e2e/transport/refusals.spec.ts: answers a legacy response that nobody waits for with 400',
        'e2e/sessions/asking.spec.ts: takes no answer from another session, nor to a question nobody asked',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers requests with JSON or with a stream.',
      at: ['2025-03-26..2025-11-25 basic/transports#sending-messages-to-the-server.7'],
      tests: [
        'e2e/transport/answers.spec.ts: answers a call that streams nothing with JSON',
        'e2e/transport/answers.spec.ts: answers a call that reports progress with a stream that ends with the result',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Puts the response to each request on the stream.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#sending-messages-to-the-server.9',
        '2025-11-25 basic/transports#sending-messages-to-the-server.13',
      ],
      tests: [
        'e2e/sessions/post-streams.spec.ts: is a stream where something does, which ends with it',
        'e2e/transport/batch.spec.ts: streams all answers once a request of the batch reports progress',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Sends on that stream only what belongs to the request.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#sending-messages-to-the-server.10',
        '2025-11-25 basic/transports#sending-messages-to-the-server.14',
      ],
      tests: [
        'e2e/sessions/post-streams.spec.ts: gives nothing of it to the stream of the session, nor the other way round',
      ],
    },
    {
      level: 'SHOULD NOT',
      text: 'Ends no stream before its responses.',
      at: ['2025-03-26..2025-06-18 basic/transports#sending-messages-to-the-server.11'],
      tests: [
        'e2e/sessions/post-streams.spec.ts: waits for its client where that is gone when the handler is done',
        'e2e/transport/shutdown.spec.ts: gives up a handler that does not finish in time, and answers for it',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Ends the stream when all is answered.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#sending-messages-to-the-server.12',
        '2025-11-25 basic/transports#sending-messages-to-the-server.15',
      ],
      tests: [
        'e2e/sessions/post-streams.spec.ts: is a stream where something does, which ends with it',
        'e2e/transport/answers.spec.ts: answers a call that reports progress with a stream that ends with the result',
      ],
    },
    {
      level: 'SHOULD NOT',
      text: 'Takes a lost connection for no cancellation where the client can come back.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#sending-messages-to-the-server.13',
        '2025-11-25 basic/transports#sending-messages-to-the-server.16',
      ],
      tests: [
        'e2e/sessions/cancellation.spec.ts: goes on when its client leaves a stream',
        'e2e/sessions/post-streams.spec.ts: is resumed where it broke, while the handler goes on',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers GET with a stream, or with 405 if it has none.',
      at: ['2025-03-26..2025-11-25 basic/transports#listening-for-messages-from-the-server.2'],
      tests: [
        'e2e/sessions/listening.spec.ts: begins at once, with headers that keep proxies from holding it back',
        'e2e/transport/refusals.spec.ts: answers %s with 405 and what is allowed',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Sends on that stream what belongs to no request.',
      at: ['2025-03-26..2025-11-25 basic/transports#listening-for-messages-from-the-server.3'],
      tests: [
        'e2e/sessions/post-streams.spec.ts: gives nothing of it to the stream of the session, nor the other way round',
        'e2e/sessions/asking-outside.spec.ts: goes out on the stream of the session',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Sends no response there, unless it resumes the stream of the request.',
      at: ['2025-03-26..2025-11-25 basic/transports#listening-for-messages-from-the-server.4'],
      tests: [
        'e2e/transport/wire.spec.ts: lets a response come on the stream of its request, or on one that resumes it',
      ],
    },
    {
      level: 'MUST',
      text: 'Sends each message on one stream.',
      at: ['2025-03-26..2025-11-25 basic/transports#multiple-connections.1-2'],
      tests: [
        'e2e/sessions/announcements.spec.ts: of a changed list reaches every listening session of its server once, and no other',
        'e2e/sessions/two-instances.ts: hold one stream of a session between them, and announce a change on it once',
        'e2e/sessions/post-streams.spec.ts: is given to the newest of several connections that resume it',
      ],
    },
    {
      level: 'MUST',
      text: 'Uses no event id twice in a session.',
      at: ['2025-03-26..2025-11-25 basic/transports#resumability-and-redelivery.1'],
      tests: [
        'e2e/transport/wire.spec.ts: lets an event id stand for one event',
        'e2e/sessions/cuts.property.spec.ts: gives the messages of a session whole, once and in order',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Replays nothing of another stream.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#resumability-and-redelivery.3',
        '2025-11-25 basic/transports#resumability-and-redelivery.4',
      ],
      tests: [
        'e2e/sessions/post-streams.spec.ts: gives nothing of it to the stream of the session, nor the other way round',
        'e2e/sessions/post-streams.spec.ts: is refused with the event ids of another session',
      ],
    },
  ],
  others: [],
};
