import assert from 'node:assert/strict';
import type { ClientRequestAdapter } from '../../adapters/client-request.adapter.js';
import type { RequestId } from '../../protocol/json-rpc.js';
import { boundedCase, within } from '../bounded-case.js';
import type { ContractCase, ContractSubject } from '../contract.js';
import { assertSameJson } from '../json.js';

/** How long a question waits that is not about waiting. */
const LONG_MS = 60_000;

export type Session = string | undefined;

export type Outcome = { readonly value: unknown } | { readonly reason: unknown };

/** Two instances on one store. */
export interface Instances {
  readonly first: ClientRequestAdapter;
  readonly second: ClientRequestAdapter;
  /** Asks, and gives the question when it may be sent. */
  readonly ask: (
    adapter: ClientRequestAdapter,
    sessionId: Session,
    requestId: RequestId,
    timeoutMs?: number,
  ) => Promise<Question>;
}

/** Something that was asked and waits, or has waited. */
export class Question {
  #outcome: Outcome | undefined;
  readonly #settled: Promise<Outcome>;

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly sessionId: Session,
    private readonly requestId: RequestId,
    promise: Promise<unknown>,
  ) {
    this.#settled = promise.then(
      (value) => (this.#outcome = { value }),
      (reason: unknown) => (this.#outcome = { reason }),
    );
  }

  get isWaiting(): boolean {
    return this.#outcome === undefined;
  }

  outcome(): Promise<Outcome> {
    return within(
      this.#settled,
      `request ${JSON.stringify(this.requestId)} to be answered, rejected or given up`,
    );
  }

  async assertAnswered(expected: unknown): Promise<void> {
    const outcome = await this.outcome();
    assert.ok('value' in outcome, 'the question is answered and not rejected');
    assertSameJson(outcome.value, expected);
  }

  /** Asserts that the wait ended with an error, whose text may be anything. */
  async assertFailed(): Promise<void> {
    const outcome = await this.outcome();
    assert.ok('reason' in outcome, 'the question is rejected and not answered');
    assert.equal(
      typeof (outcome.reason as { message?: unknown } | undefined)?.message,
      'string',
      'with an error',
    );
  }

  async assertRejected(expected: unknown): Promise<void> {
    const outcome = await this.outcome();
    assert.ok('reason' in outcome, 'the question is rejected and not answered');
    assertSameJson(outcome.reason, expected);
  }

  /** Ends the wait, if it has not ended, and sees it end: afterwards the store may be taken away. */
  async giveUp(): Promise<void> {
    if (!this.isWaiting) return;
    await this.adapter.rejectPending(this.sessionId, this.requestId, { message: 'over' });
    await this.outcome();
  }
}

/** Defines a case about two instances. Whatever still waits when it ends is given up. */
export function requestCase(
  name: string,
  body: (instances: Instances) => Promise<void>,
): ContractCase<ClientRequestAdapter> {
  return boundedCase<ClientRequestAdapter>(name, async (subject: ContractSubject<ClientRequestAdapter>) => {
    const questions: Question[] = [];
    const ask: Instances['ask'] = async (adapter, sessionId, requestId, timeoutMs = LONG_MS) => {
      const { promise, ready } = adapter.createPending(sessionId, requestId, { timeoutMs });
      const question = new Question(adapter, sessionId, requestId, promise);
      questions.push(question);
      if (ready !== undefined) await ready;
      return question;
    };
    try {
      await body({ first: subject.adapter, second: await subject.another(), ask });
    } finally {
      // That a wait cannot be ended is what other cases are about.
      await Promise.allSettled(questions.map((question) => question.giveUp()));
    }
  });
}

/** Asserts that no caller waits for this request, on any instance. */
export async function assertNobodyWaits(
  { first, second }: Pick<Instances, 'first' | 'second'>,
  sessionId: Session,
  requestId: RequestId,
): Promise<void> {
  const name = JSON.stringify([sessionId, requestId]);
  for (const adapter of [first, second]) {
    assert.equal(
      await adapter.resolvePending(sessionId, requestId, 'nobody asked'),
      false,
      `resolve ${name}`,
    );
    assert.equal(await adapter.rejectPending(sessionId, requestId, 'nobody asked'), false, `reject ${name}`);
  }
}
