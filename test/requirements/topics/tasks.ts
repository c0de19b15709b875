import type { Topic } from '../requirement.js';

/**
 * The extension `io.modelcontextprotocol/tasks` (SEP-2663) has pages of its own, apart from those of the revisions: there are no
 * places to name.
 */
export const TASKS: Topic = {
  title: 'Tasks (extension) and handles',
  requirements: [
    {
      level: 'MUST',
      text: 'Advertises the extension, and makes tasks for clients only that declare it with the request.',
      at: [],
      tests: [
        'e2e/tasks/tasks.spec.ts: fail when their instance is stopped, and are advertised',
        'e2e/tasks/handler.spec.ts: gets an ordinary call of an older client, or refuses it with a tool error',
      ],
    },
    {
      level: 'MUST',
      text: 'Refuses other clients with -32021 where a call has to be a task, and for each of the three methods.',
      at: [],
      tests: [
        'e2e/tasks/tasks.spec.ts: are not there for others, and need the capability',
        'e2e/tasks/handler.spec.ts: is unknown to whom it is hidden from, and needs the capability before its arguments count',
      ],
    },
    {
      level: 'MUST',
      text: 'Keeps a task before it answers with it, so that every instance finds it from then on.',
      at: [],
      tests: [
        'e2e/tasks/tasks.spec.ts: are made, looked at, answered and completed, at any instance',
        'multi-instance/chaos/tasks/task-chaos.spec.ts: end once each, with every answer heard, and no step repeated that may not be',
      ],
    },
    {
      level: 'MUST',
      text: 'Answers -32602 for a task that is unknown or expired, and the same for one of another caller.',
      at: [],
      tests: [
        'e2e/tasks/tasks.spec.ts: are not there for others, and need the capability',
        'e2e/tasks/stolen-tasks.spec.ts: are found by nobody but their owner, by no method and no subscription',
      ],
    },
    {
      level: 'MUST',
      text: 'Never changes a task that is completed, failed or cancelled.',
      at: [],
      tests: [
        'e2e/tasks/handler.spec.ts: is cancelled at once, whether or not it heeds its signal',
        'multi-instance/chaos/tasks/task-chaos.spec.ts: end once each, with every answer heard, and no step repeated that may not be',
      ],
    },
    {
      level: 'MUST',
      text: 'Completes a task with the result of its tool, a tool error too, and fails it with the error of a request.',
      at: [],
      tests: [
        'e2e/tasks/hand-over.spec.ts: fails with a tool error or with an error of the request',
        'e2e/tasks/same-transcript.spec.ts: says the same as a call and as a task, moved or not: program %i',
      ],
    },
    {
      level: 'MUST',
      text: 'Asks under keys that stand for one question in the whole life of a task.',
      at: [],
      tests: [
        'e2e/tasks/handler.spec.ts: may ask round by round, under keys that stand for one question each',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Settles what it asks before the task is made in the way of ordinary calls.',
      at: [],
      tests: [
        'e2e/tasks/tasks.spec.ts: are not made of calls that are done soon, and of others once the client has answered',
      ],
    },
    {
      level: 'MUST',
      text: 'Ends a task that the client cancels, and only by tasks/cancel.',
      at: [],
      tests: ['e2e/tasks/tasks.spec.ts: are cancelled at any instance'],
    },
    {
      level: 'MUST',
      text: 'Tells subscribers the whole state of their own tasks.',
      at: [],
      tests: [
        'e2e/tasks/listen.spec.ts: tells every state of a task that runs elsewhere, as tasks/get has it',
        'e2e/tasks/listen.spec.ts: agrees to no task that is foreign or unknown, and tells nothing of it',
      ],
    },
    {
      level: 'SHOULD',
      text: 'Names state that spans requests by explicit identifiers, which are good for their caller only.',
      at: [],
      tests: [
        'e2e/handles/handles.spec.ts: outlives its request: made, changed, read and removed by calls of their own',
        'e2e/handles/handles.spec.ts: is one tool error to the model, whether it is unknown, expired, foreign or of another kind',
      ],
    },
  ],
  others: [],
};
