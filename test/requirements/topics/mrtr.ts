import type { Topic } from '../requirement.js';

export const MRTR: Topic = {
  title: 'Requests in several rounds, of 2026-07-28',
  requirements: [
    {
      level: 'MUST',
      text: 'Asks in results, in no other way.',
      at: ['2026-07-28 basic/patterns/mrtr#.1'],
      tests: [
        'e2e/conversations/three-worlds.spec.ts: the tool %s gives the same transcript',
        'e2e/transport/wire.spec.ts: does not let a modern stream carry requests',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Asks for input only where the page allows it.',
      at: ['2026-07-28 basic/patterns/mrtr#supported-requests.1'],
      tests: [
        'e2e/conversations/conformance.spec.ts: unsupported-methods: %s',
        'e2e/transport/wire.spec.ts: judges the modern answer to %s %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Gives the questions of a result a key each.',
      at: ['2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.1'],
      tests: [
        'e2e/conversations/keys.spec.ts: may not share a key, which is logged',
        'e2e/conversations/keys.spec.ts: leave together, under readable or chosen keys, the same every time',
      ],
    },
    {
      level: 'MUST',
      text: 'Asks for forms, pages, models and roots, and nothing else.',
      at: ['2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.2'],
      tests: [
        'e2e/conversations/official-client.spec.ts: answers every kind of question of a tool, and hears of its progress',
        'e2e/transport/wire.spec.ts: judges the modern answer to %s %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Takes a state that comes back for hostile: seals it and refuses what was changed.',
      at: [
        '2026-07-28 basic/patterns/mrtr#security-considerations.1',
        '2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.3-5',
      ],
      tests: [
        'e2e/conversations/state-tampering.spec.ts: a state that was changed anywhere is refused and nothing runs, %s',
        'unit/server/request-state.spec.ts: do not open when a bit is flipped, or the end is missing',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Binds a state to principal, time and request.',
      at: ['2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.6'],
      tests: [
        'e2e/conversations/state-binding.spec.ts: is refused by %s',
        'e2e/conversations/expiry.spec.ts: a state is refused after parkTimeoutMs, whatever it belongs to, %s',
        'e2e/conversations/state-binding.spec.ts: is refused for another method',
      ],
    },
    {
      level: 'MUST',
      text: 'Takes a state once where twice would matter.',
      at: ['2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.7'],
      tests: [
        'e2e/conversations/state-binding.spec.ts: is refused when it was used up, in a parked call',
        'e2e/conversations/parked-ends.spec.ts: goes on with exactly one of several retries at once',
        'e2e/conversations/two-instances.spec.ts: let the call go on once, whatever number of retries come',
      ],
    },
    {
      level: 'MUST',
      text: 'Gives a question or a state in each result that asks.',
      at: ['2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.8'],
      tests: [
        'e2e/transport/wire.spec.ts: judges the modern answer to %s %j',
        'e2e/conversations/low-level.spec.ts: gets an error for more state than can travel, and for nothing to say',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Asks nothing the client did not declare.',
      at: ['2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.9-10'],
      tests: [
        'e2e/conversations/low-level.spec.ts: asks nothing the client did not declare: %s, %j',
        'e2e/conversations/keys.spec.ts: are not sent when one is of a kind the client did not declare: %s, %j',
        'e2e/transport/wire.spec.ts: judges the answers of a modern client by what was asked for',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Needs no answers to come.',
      at: ['2026-07-28 basic/patterns/mrtr#server-requirements-basic-workflow.11'],
      tests: [
        'e2e/conversations/parked-ends.spec.ts: ends when its time is over',
        'e2e/conversations/parked-leaks.spec.ts: a call leaves nothing behind, however it ends',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Checks answers, and says with an error what cannot be read.',
      at: ['2026-07-28 basic/patterns/mrtr#error-handling.1-2'],
      tests: [
        'e2e/conversations/parked-answers.spec.ts: are refused for %s, and the call waits on',
        'e2e/conversations/conformance.spec.ts: validate-input: %j',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Ignores answers that nobody asked for.',
      at: ['2026-07-28 basic/patterns/mrtr#error-handling.3'],
      tests: [
        'e2e/conversations/parked-answers.spec.ts: are ignored under keys nobody asked for',
        'e2e/conversations/conformance.spec.ts: ignore-extra-params',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Asks again for answers that are missing.',
      at: ['2026-07-28 basic/patterns/mrtr#error-handling.4'],
      tests: [
        'e2e/conversations/parked-answers.spec.ts: may be some of those asked for: the others are asked for again',
        'e2e/conversations/conformance.spec.ts: missing-input-response',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2026-07-28 basic/patterns/mrtr#.2',
        '2026-07-28 basic/patterns/mrtr#client-requirements-basic-workflow.1-6',
        '2026-07-28 basic/patterns/mrtr#inputrequiredresult.1',
        '2026-07-28 server/prompts#.1',
        '2026-07-28 server/resources#.1',
        '2026-07-28 server/tools#.1',
        '2026-07-28 server/utilities/completion#.1',
        '2026-07-28 server/utilities/pagination#.1',
      ],
    },
  ],
};
