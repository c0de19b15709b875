import type { LoggerService } from '@nestjs/common';
import type { ProtocolVersion } from '../protocol/protocol-version.js';
import type { CacheHint } from '../protocol/types/caching.js';
import type { Implementation } from '../protocol/types/implementation.js';
import type { McpRegistry } from '../registry/mcp.registry.js';

/** Which results may be kept by modern clients, and how long. Each defaults to `ttlMs: 0`. */
export interface CacheHints {
  /** @default public */
  readonly discover?: CacheHint;
  /** @default public */
  readonly tools?: CacheHint;
}

/** What the engine works with; the module puts it together. */
export interface ServerParts {
  readonly serverInfo: Implementation;
  readonly instructions: string | undefined;
  readonly versions: readonly ProtocolVersion[];
  readonly cacheHints: CacheHints;
  readonly registry: McpRegistry;
  readonly logger: LoggerService;
}
