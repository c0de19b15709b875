import { setTimeout as delay } from 'node:timers/promises';
import { ClientRequestAdapter } from 'nestjs-mcp-adapters';
import type { PendingRequest } from 'nestjs-mcp-adapters/adapters';
import type { TestApp } from '../../support/app.js';
import { startScripted, type Setup } from './fixture.js';

type RequestId = Parameters<ClientRequestAdapter['resolvePending']>[1];

/** Another adapter as if it were far away: everything is JSON, and takes an unknown while. */
export class DistantAdapter extends ClientRequestAdapter {
  override readonly isShared = true;

  constructor(
    private readonly inner: ClientRequestAdapter,
    private readonly maxDelayMs = 4,
  ) {
    super();
  }

  override createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    options: { readonly timeoutMs: number },
  ): PendingRequest {
    const begun = this.#travel().then(() => {
      const { promise } = this.inner.createPending(sessionId, requestId, options);
      promise.catch(() => {});
      return { promise };
    });
    const promise = begun.then(({ promise: inner }) => inner);
    return {
      ready: begun.then(() => this.#travel()),
      promise: promise.then(
        async (response) => {
          await this.#travel();
          return copy(response);
        },
        async (reason: Error) => {
          await this.#travel();
          throw new Error(reason.message);
        },
      ),
    };
  }

  override resolvePending(
    ...[session, id, response]: [string | undefined, RequestId, unknown]
  ): Promise<boolean> {
    return this.#call(() => this.inner.resolvePending(session, id, copy(response)));
  }

  override rejectPending(
    ...[session, id, reason]: [string | undefined, RequestId, unknown]
  ): Promise<boolean> {
    return this.#call(() => this.inner.rejectPending(session, id, reason));
  }

  async #call(act: () => Promise<boolean>): Promise<boolean> {
    await this.#travel();
    const result = await act();
    await this.#travel();
    return result;
  }

  #travel(): Promise<void> {
    return delay(Math.random() * this.maxDelayMs);
  }
}

function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

/** Two applications of the same code that share an adapter. */
export function startTwo(adapter: () => ClientRequestAdapter, setup: Setup): Promise<[TestApp, TestApp]> {
  const start = () =>
    startScripted({
      ...setup,
      mcp: {
        clientRequestAdapter: adapter(),
        requestStateSecret: 'shared by all instances, and long enough',
        ...setup.mcp,
      },
    });
  return Promise.all([start(), start()]);
}
