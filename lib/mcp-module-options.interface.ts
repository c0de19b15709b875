import type { LoggerService, Type } from '@nestjs/common';
import type { ProtocolVersion } from './protocol/protocol-version.js';
import type { Implementation } from './protocol/types/implementation.js';
import type { ResolveSchemaOptions } from './schema/resolve-schema.js';
import type { CacheHints } from './server/server-parts.js';

/**
 * Options of `McpModule.forRoot()`. All are optional: with none the server is stateless and serves `/mcp`.
 *
 * @publicApi
 */
export interface McpModuleOptions {
  /**
   * Tells several servers of one application apart: `McpModule.forFeature([...], name)` adds to the one so named.
   * @default none; enough for a single server
   */
  readonly name?: string;

  /** What clients are told about this server. @default { name: 'mcp-server', version: '0.0.0' } */
  readonly serverInfo?: Implementation;

  /** Advice for the client's model on how to use this server. */
  readonly instructions?: string;

  /** The path of the route, before global prefix and version. @default '/mcp' */
  readonly path?: string;

  /** The path as clients see it, where a proxy strips a prefix. @default the path of the route */
  readonly publicPath?: string;

  /** The revisions of the protocol to serve. @default all of them */
  readonly protocolVersions?: readonly ProtocolVersion[];

  /**
   * The modules whose own providers this server takes its primitives from, besides `forFeature` ones.
   * @default all modules of the application; none if it has several servers
   */
  readonly include?: readonly Type[];

  /** Most bytes a request body may have; more is answered 413. @default 4194304 (4 MiB) */
  readonly maxBodyBytes?: number;

  /**
   * `Host` values to accept, with or without port; `*` accepts any.
   * @default local names when listening on loopback, else any (with a warning)
   */
  readonly allowedHosts?: readonly string[];

  /**
   * `Origin` values to accept (`https://app.example`); `*` accepts any. Requests without the header are not concerned.
   * @default origins on allowed hosts
   */
  readonly allowedOrigins?: readonly string[];

  /** Answer 406 unless `Accept` names both `application/json` and `text/event-stream`. @default false */
  readonly strictAccept?: boolean;

  /** Milliseconds between the comments that keep a quiet stream open. @default 15000 */
  readonly keepAliveMs?: number;

  /** Milliseconds running handlers get to finish when the application closes. @default 5000 */
  readonly shutdownGraceMs?: number;

  /** What modern clients may cache. @default nothing */
  readonly cacheHints?: CacheHints;

  /** Makes JSON Schema from Standard Schemas whose library does not, such as valibot. */
  readonly schemaToJson?: NonNullable<ResolveSchemaOptions['schemaToJson']>;

  /** Where the library logs. @default a Nest `Logger` with the context `McpModule` */
  readonly logger?: LoggerService;
}

/**
 * Makes the options in `McpModule.forRootAsync({ useClass })` or `useExisting`.
 *
 * @publicApi
 */
export interface McpOptionsFactory {
  createMcpOptions(): McpModuleOptions | Promise<McpModuleOptions>;
}
