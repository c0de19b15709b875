import type { LoggerService, Type } from '@nestjs/common';
import type { AdapterOption } from './adapters/adapter-option.js';
import type { ClientRequestAdapter } from './adapters/client-request.adapter.js';
import type { NotificationBus } from './adapters/notification-bus.js';
import type { PlainClientRequestAdapter } from './adapters/plain-client-request-adapter.js';
import type { PlainSessionAdapter } from './adapters/plain-session-adapter.js';
import type { SessionAdapter } from './adapters/session.adapter.js';
import type { Store } from './adapters/store.js';
import type { McpLimits } from './mcp-limits.js';
import type { McpAuthOptions } from './auth/auth-options.interface.js';
import type { ProtocolVersion } from './protocol/protocol-version.js';
import type { TaskAdapter } from './adapters/task.adapter.js';
import type { McpImplementation } from './protocol/types/implementation.js';
import type { PrimitiveKind } from './registry/declared-kinds.js';
import type { McpListResolver } from './registry/mcp-list-resolver.js';
import type { Principal } from './registry/principal.js';
import type { ResolveSchemaOptions } from './schema/schema-source.js';
import type { McpHandlesOptions } from './handles/handles.js';
import type { CacheHints } from './server/server-parts.js';
import type { McpInstrumentation } from './telemetry/instrumentation.js';

/**
 * Options of `McpModule.forRoot()`. All are optional: with none the server is stateless and serves `/mcp`.
 *
 * @publicApi
 */
export interface McpModuleOptions {
  /**
   * Name of the server, where an application has several: `McpModule.forFeature([...], name)` adds to the one so named.
   * @default none; enough for a single server
   */
  readonly name?: string;

  /** Name and version of this server, for clients. @default { name: 'mcp-server', version: '0.0.0' } */
  readonly serverInfo?: McpImplementation;

  /** Advice for the client's model on how to use this server. */
  readonly instructions?: string;

  /**
   * Kinds of primitives to declare besides those that exist at the start: kinds that `McpRegistry` adds while the server
   * runs, as in `{ tools: {}, prompts: {} }`. Clients ask only for what a server has declared when they connect.
   * @default what exists when the application has started
   */
  readonly capabilities?: Readonly<Partial<Record<PrimitiveKind, boolean | object>>>;

  /** The path of the route, before global prefix and version. @default '/mcp' */
  readonly path?: string;

  /**
   * How the path is served. `route` makes it a Nest route like any other. `direct` answers it on the HTTP server's `request`
   * event, before the platform sees the request: quicker, and without what the application does to HTTP requests. On that
   * path no middleware runs, no hook of Fastify, no body parser, no CORS of the platform and no HTTP guard, interceptor or
   * filter of the application. Guards, pipes, interceptors and filters of tools, resources and prompts run as ever,
   * those of `APP_*` tokens included, and find Node's own request and response where there would be the platform's. Pages
   * from `allowedOrigins` are allowed to read the answers. HTTP/1.1 only.
   * @default 'route'
   */
  readonly mount?: 'route' | 'direct';

  /**
   * Scheme and host under which clients reach the server, as in `https://mcp.example`. What clients are told to find the
   * server at is made from it, and tokens have to be meant for it.
   * @default what the platform says of each request: the `Host` header, or forwarded ones from proxies it trusts
   */
  readonly publicUrl?: string;

  /** The path as clients see it, where a proxy strips a prefix. @default the path of the route */
  readonly publicPath?: string;

  /**
   * Answer a browser that opens the endpoint (a GET that accepts `text/html` and no event stream) with a page that says
   * what this is and how to connect clients. With `auth`, one without a token is told to bring one, as ever.
   * @default true
   */
  readonly landingPage?: boolean;

  /** Ask for access tokens: makes the server an OAuth 2.1 resource server. @default no token is needed */
  readonly auth?: McpAuthOptions;

  /** The revisions of the protocol to serve. @default all of them */
  readonly protocolVersions?: readonly ProtocolVersion[];

  /**
   * The modules whose own providers this server takes its primitives from, besides `forFeature` ones.
   * @default all modules of the application; none if it has several servers
   */
  readonly include?: readonly Type[];

  /**
   * Milliseconds from the head of a request to the last byte of its body; one that takes longer is answered 408 and its
   * connection closed. Node has a limit of its own for whole requests: `server.requestTimeout`, 5 minutes by default.
   * @default 30000
   */
  readonly requestTimeoutMs?: number;

  /**
   * `Host` values to accept, with or without port; `*` accepts any.
   * @default local names when listening on loopback, else any (with a warning)
   */
  readonly allowedHosts?: readonly string[];

  /**
   * `Origin` values to accept (`https://app.example`); `*` accepts any. What is given is the whole list: origins on allowed
   * hosts are in it only if they are named. Requests without the header are not concerned.
   * @default origins on allowed hosts
   */
  readonly allowedOrigins?: readonly string[];

  /** Answer 406 unless `Accept` names both `application/json` and `text/event-stream`. @default false */
  readonly strictAccept?: boolean;

  /**
   * Milliseconds between the comments that keep a quiet stream open. The answer to a call that says nothing for so long
   * becomes such a stream, unless its client takes JSON only.
   * @default 15000
   */
  readonly keepAliveMs?: number;

  /** Milliseconds running handlers get to finish when the application closes. @default 5000 */
  readonly shutdownGraceMs?: number;

  /**
   * Keeps sessions, questions and announcements, for all instances if it is shared: fills each of the three options below
   * that is not given. Servers are told apart by `name`, else by the name in `serverInfo`, so a shared store wants one
   * of them. Closed when the application has shut down.
   * @default none
   */
  readonly store?: AdapterOption<Store>;

  /** Milliseconds a question waits for its answer in a `store`, unless it says so itself. @default 30000 */
  readonly questionTimeoutMs?: number;

  /**
   * Keeps the sessions of legacy clients: state, resumable streams, and requests that reach back to the client.
   * @default the `store`; without one every request stands for itself
   */
  readonly sessionAdapter?: AdapterOption<SessionAdapter | PlainSessionAdapter>;

  /**
   * Keeps the questions that handlers ask their clients (`ctx.elicit()` and its like).
   * @default the `store`; without one legacy clients cannot be asked, and for modern ones the handler runs again with the
   * answers
   */
  readonly clientRequestAdapter?: AdapterOption<ClientRequestAdapter | PlainClientRequestAdapter>;

  /** Keeps the tasks that calls become: see the option `task` of `@McpTool()`. @default what `store` gives */
  readonly tasks?: AdapterOption<TaskAdapter>;

  /** Limits of the server: sizes, and counts per instance. @default those of `McpLimits` */
  readonly limits?: McpLimits;

  /** Lifetime of `ctx.handles()`. */
  readonly handles?: McpHandlesOptions;

  /** Milliseconds without use after which a session ends. @default 1800000 (30 minutes) */
  readonly sessionTtlMs?: number;

  /**
   * Answer to a request that names an unknown session. `reject` answers 404, by which clients are to begin a
   * new one. `adopt` serves the POSTs of an authenticated caller as if there were no sessions, for clients that do not.
   * @default 'reject'
   */
  readonly onUnknownSession?: 'reject' | 'adopt';

  /**
   * Resolves the caller of a request of the platform; `undefined` for an anonymous one. Sessions belong to it. Refuses a
   * request by throwing an `HttpException` of Nest below 500; any other error is answered 500.
   * @default what a guard left in `request.user`: a string or number is the subject; of an object the first of `sub`, `id`,
   * `userId`, `_id`, `username` and `email`, with issuer `iss`, tenant `tenant`, `tenantId`, `tenant_id` or `tid`, client
   * `client_id` or `azp`, scopes `scope` or `scp` and expiry `exp`. A user with no subject is an error, answered 500
   */
  readonly principal?: (request: unknown) => Principal | undefined | Promise<Principal | undefined>;

  /**
   * Secret that seals the state that 2026-07-28 clients carry between the rounds of a conversation: the same on every
   * instance. Of several the first seals and all open, so that a new one can be introduced before the old is withdrawn.
   * At least 32 characters each. Required together with an adapter that instances share.
   * @default made anew by each process
   */
  readonly requestStateSecret?: string | readonly string[];

  /** Milliseconds a modern client has for its next round. @default 600000 (10 minutes) */
  readonly parkTimeoutMs?: number;

  /** Hints on what modern clients may cache. @default nothing */
  readonly cacheHints?: CacheHints;

  /** Most entries a page of a list has. @default all of them in one page */
  readonly pageSize?: number;

  /**
   * Secret that authenticates the cursors of paged lists; the same on every instance. A cursor holds no more than the
   * name after which a page begins, so a guessed one opens nothing: the secret only keeps foreign ones out.
   * @default made from the names of the server, equal on instances with the same options
   */
  readonly cursorSecret?: string;

  /** Decides what each caller may see, in one place for all primitives. @default every caller sees what `visible` allows */
  readonly listResolver?: AdapterOption<McpListResolver>;

  /**
   * Carries change events and cancellations between instances. Without one, instances that share a `sessionAdapter` take
   * over streams from one another by its log; what changes or is cancelled at one is not heard of at another.
   * @default one that stays in the process
   */
  readonly notificationBus?: AdapterOption<NotificationBus>;

  /**
   * Hide what the caller's guards would refuse, as if `visible` asked them: missing from lists, and answered as an unknown
   * name. Guards are then also asked for lists, where they find no arguments.
   * @default false: listed, and refused when used
   */
  readonly hideDenied?: boolean;

  /** Also give the page of a tool (`ui`) under the `_meta` key of OpenAI's Apps SDK. @default false */
  readonly openaiOutputTemplate?: boolean;

  /** Makes JSON Schema from Standard Schemas whose library does not, such as valibot. */
  readonly schemaToJson?: NonNullable<ResolveSchemaOptions['schemaToJson']>;

  /** Follows requests, questions and the store, for traces and metrics: `openTelemetry()` of `nestjs-mcp-adapters/otel`. */
  readonly instrumentation?: McpInstrumentation;

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
