import type { McpLimits } from '../../mcp-limits.js';
import type { ClientRequestAdapter } from '../../adapters/client-request.adapter.js';
import type { NotificationBus } from '../../adapters/notification-bus.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { TaskAdapter } from '../../adapters/task.adapter.js';
import type { Principal } from '../../registry/principal.js';
import type { FormSchemas } from '../../asking/form-schemas.js';
import type { AccessOptions } from './http/access-policy.js';
import type { Authenticator } from './http/authenticator.js';
import type { HttpExchange } from './http/http-exchange.js';
import type { HttpPlatform } from './platform/http-platform.js';

/** Options of conversations and subscriptions. */
export interface ModernOptions {
  readonly limits: Required<McpLimits>;
  readonly parkTimeoutMs: number;
}

/** Options of sessions. Counts are per instance. */
export interface SessionOptions {
  readonly sessionTtlMs: number;
  readonly limits: Required<McpLimits>;
  readonly onUnknownSession: 'reject' | 'adopt';
}

/** Options of the transport, all of them decided by the module's. */
export interface StreamableHttpOptions extends AccessOptions, SessionOptions, ModernOptions {
  readonly requestTimeoutMs: number;
  readonly strictAccept: boolean;
  readonly landingPage: boolean;
  readonly keepAliveMs: number;
  readonly shutdownGraceMs: number;
  readonly principal:
    ((request: unknown) => Principal | undefined | Promise<Principal | undefined>) | undefined;
}

/** Dependencies of the transport. */
export interface TransportDeps {
  /** Name of the server, as events on the bus carry it. */
  readonly server: string;
  readonly sessionAdapter: SessionAdapter | undefined;
  readonly clientRequestAdapter: ClientRequestAdapter | undefined;
  readonly bus: NotificationBus;
  /** Absent where calls become no tasks. */
  readonly tasks: TaskAdapter | undefined;
  readonly forms: FormSchemas;
  /** Absent where every request is let in. */
  readonly authenticator?: Authenticator | undefined;
  readonly platform: () => HttpPlatform;
  /** The URL under which the client of a request finds the server; `undefined` if that cannot be told. */
  readonly urlOf: (exchange: HttpExchange) => string | undefined;
  /** Secrets of `requestState`: the first seals, all of them open. */
  readonly secrets: readonly string[];
}
