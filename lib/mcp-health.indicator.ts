import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { ClientRequestAdapter } from './adapters/client-request.adapter.js';
import { NotificationBus } from './adapters/notification-bus.js';
import { SessionAdapter } from './adapters/session.adapter.js';
import { Store } from './adapters/store.js';
import { TaskAdapter } from './adapters/task.adapter.js';
import { STORE_ADAPTERS, type OpenStore } from './adapter-providers.js';
import { MCP_OPTIONS } from './mcp.constants.js';
import type { ResolvedOptions } from './mcp-options.js';
import { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';

type Reachability = 'up' | 'down';

/**
 * Health of a server. Adapters that the server does without are left out.
 *
 * @publicApi
 */
export interface McpHealth {
  /** `down` when the application closes, or an adapter cannot be reached. */
  readonly status: Reachability;
  readonly store?: Reachability;
  /** Details that the store reports of itself. */
  readonly storeDetails?: Readonly<Record<string, string>>;
  /** An adapter that was given beside the store, or without one. */
  readonly sessionAdapter?: Reachability;
  readonly clientRequestAdapter?: Reachability;
  readonly notificationBus?: Reachability;
  readonly taskAdapter?: Reachability;
}

interface Pingable {
  ping(): Promise<void>;
}

/**
 * Checks whether a server can do its work, in the form that `@nestjs/terminus` takes. Inject it where the module is
 * imported.
 *
 * ```ts
 * return this.health.check([() => this.mcp.isHealthy('mcp')]);
 * ```
 *
 * @publicApi
 */
@Injectable()
export class McpHealthIndicator {
  readonly #adapters: Readonly<Record<string, Pingable | undefined>>;

  /** @internal */
  constructor(
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
    private readonly transport: StreamableHttpTransport,
    @Optional() @Inject(SessionAdapter) sessionAdapter: SessionAdapter | undefined,
    @Optional() @Inject(ClientRequestAdapter) clientRequestAdapter: ClientRequestAdapter | undefined,
    notificationBus: NotificationBus,
    @Optional() @Inject(Store) private readonly store: Store | undefined,
    @Optional() @Inject(TaskAdapter) taskAdapter: TaskAdapter | undefined,
    @Optional() @Inject(STORE_ADAPTERS) open: OpenStore | undefined,
  ) {
    const own = { sessionAdapter, clientRequestAdapter, notificationBus, taskAdapter };
    const filled = new Set<object | undefined>(open && Object.values(open));
    // Adapters that the store of the server provides are checked with it; any other one is asked, whatever it is built on.
    const apart = Object.entries(own).filter(([, adapter]) => !filled.has(adapter));
    this.#adapters = { store, ...Object.fromEntries(apart) };
  }

  /**
   * Asks every adapter whether its store can be reached; one that does not answer within `timeoutMs` cannot. Never rejects:
   * the reason of a failure is in the log, as those who may ask for the health of a server need not know it.
   *
   * @param timeoutMs milliseconds, 1000 by default
   */
  async isHealthy<K extends string = 'mcp'>(
    key: K = 'mcp' as K,
    { timeoutMs = 1_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<Record<K, McpHealth & Record<string, unknown>>> {
    const asked = Object.entries(this.#adapters).map(async ([name, adapter]) =>
      adapter ? [[name, await this.#ask(name, adapter, timeoutMs)] as const] : [],
    );
    const states = (await Promise.all(asked)).flat();
    const isUp = !this.transport.isClosing && states.every(([, state]) => state === 'up');
    const details = this.store?.details ?? {};
    const health = {
      status: isUp ? 'up' : 'down',
      ...Object.fromEntries(states),
      ...(Object.keys(details).length > 0 && { storeDetails: details }),
    };
    return { [key]: health } as Record<K, McpHealth & Record<string, unknown>>;
  }

  async #ask(name: string, adapter: Pingable, timeoutMs: number): Promise<Reachability> {
    const answered = new AbortController();
    const tooLate = delay(timeoutMs, undefined, { signal: answered.signal, ref: false }).then(() => {
      throw new Error(`no answer within ${timeoutMs} ms`);
    });
    try {
      await Promise.race([adapter.ping(), tooLate]);
      return 'up';
    } catch (error) {
      this.options.logger.warn(`Health check: ${name} cannot be reached (${String(error)})`);
      return 'down';
    } finally {
      tooLate.catch(() => {});
      answered.abort();
    }
  }
}
