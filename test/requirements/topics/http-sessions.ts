import type { Topic } from '../requirement.js';

export const HTTP_SESSIONS: Topic = {
  title: 'Sessions and resumption of 2025-03-26 to 2025-11-25',
  requirements: [
    {
      level: 'SHOULD',
      text: 'Makes session ids nobody can guess.',
      at: ['2025-03-26..2025-11-25 basic/transports#session-management.1'],
      tests: [
        'e2e/sessions/admission.spec.ts: gives every session an id of its own that is visible ASCII and long enough not to be guessed',
      ],
    },
    {
      level: 'MUST',
      text: 'Makes session ids of visible ASCII.',
      at: ['2025-03-26..2025-11-25 basic/transports#session-management.2'],
      tests: [
        'e2e/sessions/admission.spec.ts: gives every session an id of its own that is visible ASCII and long enough not to be guessed',
        'e2e/transport/wire.spec.ts: takes visible ASCII only for an id',
        'e2e/sessions/limits.spec.ts: refuses ids of an adapter that could not travel, and tells nobody but the log',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Answers 400 where the session id is missing.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#session-management.4',
        '2025-11-25 basic/transports#session-management.5',
      ],
      tests: ['e2e/sessions/admission.spec.ts: asks for the id where there is none'],
    },
    {
      level: 'MUST',
      text: 'Answers 404 once a session has ended.',
      at: [
        '2025-03-26..2025-06-18 basic/transports#session-management.5',
        '2025-11-25 basic/transports#session-management.6',
      ],
      tests: [
        'e2e/sessions/admission.spec.ts: answers 404 once the session is deleted',
        'e2e/sessions/expiry.spec.ts: ends, and leaves nothing',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Assumes 2025-03-26 where nothing tells the version.',
      at: ['2025-06-18..2025-11-25 basic/transports#protocol-version-header.3'],
      tests: [
        'unit/protocol/classify-request.spec.ts: takes an array for a batch of the assumed version',
        'e2e/sessions/versions.spec.ts: holds without the header too',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers 400 to a version header that it does not know.',
      at: ['2025-06-18..2025-11-25 basic/transports#protocol-version-header.4'],
      tests: [
        'e2e/sessions/versions.spec.ts: refuses a header of "%s"',
        'e2e/transport/versions.spec.ts: answers the unknown version %j with the versions it supports',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Begins streams with an event that tells where to resume.',
      at: ['2025-11-25 basic/transports#sending-messages-to-the-server.9'],
      tests: [
        'e2e/sessions/listening.spec.ts: tells the client of 2025-11-25 where to resume and how soon, before there is a message',
        'e2e/sessions/post-streams.spec.ts: is a stream where something does, which ends with it',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Tells how soon to come back before it closes a connection.',
      at: [
        '2025-11-25 basic/transports#listening-for-messages-from-the-server.5',
        '2025-11-25 basic/transports#sending-messages-to-the-server.11',
      ],
      tests: [
        'e2e/sessions/post-streams.spec.ts: lets the client come back for it when the handler closes the stream',
        'e2e/sessions/listening.spec.ts: tells the client of 2025-11-25 where to resume and how soon, before there is a message',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Lets event ids name their stream.',
      at: ['2025-11-25 basic/transports#resumability-and-redelivery.2'],
      tests: [
        'unit/adapters/in-memory-session.adapter.spec.ts: gives events ids that name their stream and say nothing else',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2025-03-26..2025-11-25 basic/transports#.2',
        '2025-03-26..2025-11-25 basic/transports#listening-for-messages-from-the-server.1',
        '2025-06-18..2025-11-25 basic/transports#protocol-version-header.1-2',
        '2025-03-26..2025-06-18 basic/transports#resumability-and-redelivery.2',
        '2025-11-25 basic/transports#resumability-and-redelivery.3',
        '2025-03-26..2025-06-18 basic/transports#sending-messages-to-the-server.1-4,8,14',
        '2025-11-25 basic/transports#sending-messages-to-the-server.1-4,8,10,12,17',
        '2025-03-26..2025-06-18 basic/transports#session-management.3,6-7',
        '2025-11-25 basic/transports#session-management.3-4,7-8',
        '2026-07-28 basic/transports/streamable-http#sending-messages.1,3',
      ],
    },
    {
      reason: 'It binds who writes a transport of another kind.',
      at: ['2025-03-26..2025-11-25 basic/transports#custom-transports.1-2'],
    },
  ],
};
