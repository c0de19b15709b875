import type { LoggerService } from '@nestjs/common';
import type { Era } from '../protocol/era.js';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import type { CacheHint } from '../protocol/types/caching.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { Catalog } from '../registry/catalog.js';
import type { McpListResolver } from '../registry/mcp-list-resolver.js';
import type { TaskAdapter } from '../adapters/task.adapter.js';
import type { Handles } from '../handles/handles.js';
import type { Permissions } from '../lists/permissions.js';
import type { McpInstrumentation } from '../telemetry/instrumentation.js';

/**
 * Which results may be kept by modern clients, and how long. Each defaults to `ttlMs: 0`.
 *
 * A list that differs from caller to caller is always `private`, on every page.
 *
 * @publicApi
 */
export interface CacheHints {
  /** @default public */
  readonly discover?: CacheHint;
  /** @default public */
  readonly tools?: CacheHint;
  /** @default public */
  readonly resources?: CacheHint;
  /** @default public */
  readonly resourceTemplates?: CacheHint;
  /** @default public */
  readonly prompts?: CacheHint;
  /** Contents of resources; the `cacheHint` of a resource goes before it. @default private */
  readonly read?: CacheHint;
}

/** Dependencies and settings of the engine. */
export interface ServerParts {
  readonly serverInfo: McpImplementation;
  readonly instructions: string | undefined;
  readonly versions: readonly ProtocolVersion[];
  readonly cacheHints: CacheHints;
  /** Most entries of a page; `Infinity` for all. */
  readonly pageSize: number;
  /** Secret that authenticates cursors. */
  readonly cursorSecret: string;
  readonly listResolver: McpListResolver | undefined;
  /** Absent where the server asks for no tokens. */
  readonly permissions?: Permissions | undefined;
  /**
   * Checks whether changes and logs can reach clients of an era; what cannot is not advertised. Legacy clients hear of them
   * on the streams of their sessions, modern ones on those of their requests.
   */
  readonly announcesTo: (era: Era) => boolean;
  readonly registry: Catalog;
  readonly handles: Handles;
  /** Absent where there are no tasks. */
  readonly tasks: TaskAdapter | undefined;
  readonly logger: LoggerService;
  readonly instrumentation: McpInstrumentation | undefined;
}
