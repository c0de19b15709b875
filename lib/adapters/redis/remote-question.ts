import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '../../protocol/json-rpc.js';
import type { Ending } from './question.js';
import type { RedisConnections } from './redis-connections.js';
import { settleQuestion } from './scripts/settle-question.script.js';
import { withdrawAnswer } from './scripts/withdraw-answer.script.js';
import { encodeEnding } from './stored-ending.js';

/** Longest answer that is published itself; the asking instance fetches others. */
const MAX_PUBLISHED_BYTES = 64 * 1024;

/** How long after an outage an asking instance has to come back: its connections may find Redis still loading. */
const COMEBACK_MS = 5_000;

/** How soon to look whether an answer was taken; each next look takes twice as long. */
const FIRST_LOOK_MS = 15;

/** A question that another instance asked. */
export class RemoteQuestion {
  private constructor(
    private readonly connections: RedisConnections,
    private readonly asker: string,
    private readonly token: string,
  ) {}

  /** Finds out who asked; `undefined` if nobody did. */
  static async find(
    connections: RedisConnections,
    sessionId: string | undefined,
    requestId: RequestId,
  ): Promise<RemoteQuestion | undefined> {
    const key = connections.keys.asked(sessionId, requestId);
    const pointer = await connections.run((client) => client.get(key));
    const [, asker, token] = /^1 (\S+) (\S+)$/.exec(pointer ?? '') ?? [];
    return asker !== undefined && token !== undefined
      ? new RemoteQuestion(connections, asker, token)
      : undefined;
  }

  isOf(asker: string): boolean {
    return this.asker === asker;
  }

  /** @returns whether the instance that asked has the answer, or is certain to get it */
  async end(ending: Ending, graceMs: number): Promise<boolean> {
    const { keys } = this.connections;
    const answerer = randomBytes(9).toString('base64url');
    const answer = encodeEnding(ending);
    const names = [keys.question(this.asker, this.token), keys.askerLease(this.asker)] as const;
    const outcome = await this.connections.run((client, isRetry) =>
      settleQuestion.run(client, names, [
        ...([answerer, answer, this.token, keys.answers(this.asker), this.connections.publish] as const),
        ...([MAX_PUBLISHED_BYTES, isRetry ? 1 : 0, this.#wasAway()] as const),
      ]),
    );
    return outcome === 2 ? this.#isTaken(names, `${answerer} ${answer}`, graceMs) : outcome === 1;
  }

  /** Waits for an instance that has lost its connection. If it does not come back, it is as if nothing had been said. */
  async #isTaken(
    names: readonly [question: string, lease: string],
    answer: string,
    graceMs: number,
  ): Promise<boolean> {
    let leftMs = Math.max(graceMs, COMEBACK_MS - this.connections.restoredForMs);
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs *= 2) {
      await delay(Math.min(pauseMs, leftMs), undefined, { ref: false });
      leftMs -= pauseMs;
      const isLast = leftMs <= 0 ? 1 : 0;
      const outcome = await this.connections.run((client) =>
        withdrawAnswer.run(client, names, [answer, isLast, this.#wasAway()]),
      );
      if (outcome !== 2) return outcome === 1;
    }
  }

  /** Whether the asker may not have had the time to come back and to say that it lives. */
  #wasAway(): 0 | 1 {
    return this.connections.restoredForMs < COMEBACK_MS ? 1 : 0;
  }
}
