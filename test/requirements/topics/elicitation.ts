import type { Topic } from '../requirement.js';

export const ELICITATION: Topic = {
  title: 'Elicitation',
  requirements: [
    {
      level: 'MUST NOT',
      text: 'Asks for nothing secret in a form, but on a page.',
      at: [
        '2025-11-25..2026-07-28 client/elicitation#form-mode-security.1',
        '2025-06-18 client/elicitation#security-considerations.1',
        '2025-06-18 client/elicitation#user-interaction-model.1',
        '2025-11-25..2026-07-28 client/elicitation#user-interaction-model.1-2',
      ],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'MUST NOT',
      text: 'Shows only what the client has declared to show.',
      at: ['2025-11-25..2026-07-28 client/elicitation#capabilities.3'],
      tests: [
        'e2e/sessions/asking-kinds.spec.ts: is not asked, and the tool says so: %s of %j',
        'e2e/conversations/low-level.spec.ts: asks nothing the client did not declare: %s, %j',
        'e2e/transport/wire.spec.ts: lets the server ask what the client declared, each time under another id',
      ],
    },
    {
      level: 'MUST',
      text: 'Sends a form with a message and a schema.',
      at: [
        '2025-11-25..2026-07-28 client/elicitation#elicitation-requests.1',
        '2025-11-25..2026-07-28 client/elicitation#form-mode-elicitation-requests.1',
      ],
      tests: [
        'e2e/sessions/forms.spec.ts: is made from a class, whose instance comes back',
        'e2e/transport/wire.spec.ts: judges the modern answer to %s %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Sends a page with its mode, a message and a URL that is one.',
      at: [
        '2025-11-25..2026-07-28 client/elicitation#elicitation-requests.1',
        '2025-11-25..2026-07-28 client/elicitation#url-mode-elicitation-requests.1-2',
      ],
      tests: [
        'e2e/sessions/asking-kinds.spec.ts: shows a page, which has an id of its own',
        'e2e/sessions/asking-kinds.spec.ts: is not asked without a page to show, or with a tool that has not answered the model',
      ],
    },
    {
      level: 'MUST',
      text: 'Tells only the client that was asked, by the id of the page, when a page is done.',
      at: ['2025-11-25 client/elicitation#completion-notifications-for-url-mode-elicitation.1-2'],
      reason: 'It sends no such notification, which a server may leave out.',
    },
    {
      level: 'MUST',
      text: 'Answers -32042, with pages to visit, where a request has to wait for one.',
      at: [
        '2025-11-25 client/elicitation#error-handling.1',
        '2025-11-25 client/elicitation#url-elicitation-required-error.1-3',
      ],
      reason: 'No request ends so: the server asks, and the call waits for the answer.',
    },
    {
      level: 'MUST',
      text: 'Binds what it asks, and what it keeps of it, to the client and its user.',
      at: [
        '2025-11-25..2026-07-28 client/elicitation#security-considerations.1',
        '2025-11-25..2026-07-28 client/elicitation#statefulness.1',
      ],
      tests: [
        'e2e/sessions/principals.spec.ts: keeps its question',
        'e2e/conversations/state-binding.spec.ts: is refused by %s',
        'e2e/sessions/asking.spec.ts: takes no answer from another session, nor to a question nobody asked',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Trusts no session id alone.',
      at: ['2025-11-25 client/elicitation#statefulness.2'],
      tests: ['e2e/sessions/principals.spec.ts: is not found by POST, GET and DELETE'],
    },
    {
      level: 'MUST',
      text: 'Protects what it stores.',
      at: ['2025-11-25 client/elicitation#statefulness.3', '2026-07-28 client/elicitation#statefulness.2'],
      reason:
        'The store is chosen and guarded by who runs the server; what passes through clients is sealed.',
    },
    {
      level: 'MUST',
      text: 'Takes the user from verified credentials, never from what a client says of itself.',
      at: [
        '2025-11-25..2026-07-28 client/elicitation#identifying-the-user.1-2',
        '2025-11-25 client/elicitation#statefulness.4',
        '2026-07-28 client/elicitation#statefulness.3',
      ],
      tests: [
        'e2e/transport/nest-pipeline.spec.ts: takes the principal from the user a guard leaves in the request',
        'e2e/sessions/identity.spec.ts: is told by %s',
      ],
    },
    {
      level: 'MUST NOT',
      text: 'Uses pages to authorize for others only, and keeps their credentials to itself.',
      at: [
        '2025-11-25..2026-07-28 client/elicitation#understanding-the-distinction.1-4',
        '2025-11-25..2026-07-28 client/elicitation#url-mode-elicitation-for-oauth-flows.1',
      ],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'MUST NOT',
      text: 'Sends links that hold no secrets and open nothing by themselves, over https, and only where a page is meant.',
      at: ['2025-11-25..2026-07-28 client/elicitation#safe-url-handling.1-4'],
      reason: 'It is the choice of who writes the handler.',
    },
    {
      level: 'SHOULD',
      text: 'Checks that answers fit the form.',
      at: [
        '2025-11-25..2026-07-28 client/elicitation#form-mode-security.3',
        '2025-06-18 client/elicitation#security-considerations.3',
      ],
      tests: [
        'e2e/sessions/forms.spec.ts: is checked when it comes back: %s',
        'e2e/sessions/forms.spec.ts: takes no other answer: %j',
        'e2e/conversations/conformance.spec.ts: validate-input: %j',
      ],
    },
    {
      level: 'MUST',
      text: 'Makes sure that who visits a page is who was asked.',
      at: ['2025-11-25..2026-07-28 client/elicitation#phishing.1-3'],
      reason: 'The page belongs to the application, which alone can know its visitor.',
    },
    {
      level: 'MUST',
      text: 'Copes with users who decline, cancel or never answer.',
      at: ['2026-07-28 client/elicitation#error-handling.1-2'],
      tests: [
        'e2e/sessions/forms.spec.ts: may be answered with "%s"',
        'e2e/conversations/three-worlds.spec.ts: a user who says %s is told apart',
        'e2e/conversations/parked-ends.spec.ts: ends when its time is over',
      ],
    },
  ],
  others: [
    {
      reason: 'It binds clients.',
      at: [
        '2025-06-18 client/elicitation#capabilities.1',
        '2025-11-25..2026-07-28 client/elicitation#capabilities.1-2',
        '2025-11-25 client/elicitation#completion-notifications-for-url-mode-elicitation.3-4',
        '2025-11-25..2026-07-28 client/elicitation#elicitation-requests.2',
        '2025-11-25 client/elicitation#error-handling.2',
        '2026-07-28 client/elicitation#example-request-sensitive-data.1',
        '2025-11-25..2026-07-28 client/elicitation#form-mode-security.2',
        '2025-11-25..2026-07-28 client/elicitation#requested-schema.1',
        '2025-11-25..2026-07-28 client/elicitation#safe-url-handling.5-12',
        '2025-06-18 client/elicitation#security-considerations.2,4-7',
        '2025-11-25 client/elicitation#security-considerations.2-6',
        '2026-07-28 client/elicitation#security-considerations.2-5',
        '2025-06-18 client/elicitation#user-interaction-model.2',
        '2025-11-25..2026-07-28 client/elicitation#user-interaction-model.3',
      ],
    },
  ],
};
