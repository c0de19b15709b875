import type { IncomingMessage } from 'node:http';
import type { LoggerService } from '@nestjs/common';

/** `Host` and `Origin` values that are let in, besides the defaults of a loopback bind. */
export interface AccessOptions {
  readonly allowedHosts: readonly string[] | undefined;
  readonly allowedOrigins: readonly string[] | undefined;
}

interface Targeted {
  readonly host?: string;
  readonly origin?: string;
  readonly ':authority'?: string;
}

/** Longest part of a refused value that is repeated: it is a stranger's. */
const MAX_VALUE_LENGTH = 200;

const OPTION = { Host: 'allowedHosts', Origin: 'allowedOrigins' } as const;

/** Reason that a stranger is kept out for. */
export class AccessRefusal {
  constructor(
    readonly header: 'Host' | 'Origin',
    readonly value: string | undefined,
  ) {}

  /** Option that decides about the header. */
  get option(): string {
    return OPTION[this.header];
  }

  get message(): string {
    if (this.value === undefined) return `${this.header} is required (${this.option})`;
    return `${this.header} is not allowed: ${JSON.stringify(this.value.slice(0, MAX_VALUE_LENGTH))} (${this.option})`;
  }
}

const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;
const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

/**
 * Keeps web pages of strangers out (DNS rebinding). Bound to loopback, only local names are let in unless hosts or
 * origins are configured; bound elsewhere, what is configured is enforced and nothing else is.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#security--endpoint
 */
export class AccessPolicy {
  #isLoopback = false;
  /** The last `Host` that was let in: mostly the next one, too. */
  #knownHost: string | undefined;

  constructor(private readonly options: AccessOptions) {}

  /** Sets the address on which the server listens. */
  bind(address: string): void {
    this.#isLoopback = LOOPBACK_ADDRESS.test(address);
    this.#knownHost = undefined;
  }

  /** True if any Host and Origin is accepted, because no option restricts them. */
  get isOpen(): boolean {
    return !this.#isLoopback && !this.options.allowedHosts && !this.options.allowedOrigins;
  }

  /** @returns why the request is refused, or `undefined` to let it in */
  refuse({ headers }: Pick<IncomingMessage, 'headers'>): AccessRefusal | undefined {
    if (this.isOpen) return undefined;
    const { host, origin, ':authority': authority } = headers as Targeted;
    // HTTP/2 has a pseudo-header in its place; who sends both has to mean the same.
    if (!this.#isHostAllowed(authority ?? host)) return new AccessRefusal('Host', authority ?? host);
    if (authority !== undefined && host !== undefined && !this.#isHostAllowed(host)) {
      return new AccessRefusal('Host', host);
    }
    return origin === undefined || this.#isOriginAllowed(origin)
      ? undefined
      : new AccessRefusal('Origin', origin);
  }

  #isHostAllowed(host: string | undefined): boolean {
    const { allowedHosts } = this.options;
    if (!allowedHosts && !this.#isLoopback) return true;
    if (host === undefined) return false;
    if (host === this.#knownHost) return true;
    const isAllowed =
      isListed(allowedHosts, host) || (this.#isLoopback && LOOPBACK_NAME.test(withoutPort(host)));
    if (isAllowed) this.#knownHost = host;
    return isAllowed;
  }

  /** A list of origins is all of them; hosts tell only where there is none. */
  #isOriginAllowed(origin: string): boolean {
    const { allowedHosts, allowedOrigins } = this.options;
    if (allowedOrigins) {
      const wanted = origin.toLowerCase();
      return allowedOrigins.some((allowed) => allowed === '*' || allowed.toLowerCase() === wanted);
    }
    const host = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
    if (host === undefined) return false;
    return isListed(allowedHosts, host) || (this.#isLoopback && LOOPBACK_NAME.test(withoutPort(host)));
  }
}

function isListed(list: readonly string[] | undefined, host: string): boolean {
  const wanted = host.toLowerCase();
  return !!list?.some((entry) => {
    const allowed = entry.toLowerCase();
    return allowed === '*' || allowed === wanted || allowed === withoutPort(wanted);
  });
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}

/** Most refused values that are named: strangers may think of any number. */
const MAX_NAMED = 100;

/** Warns of refused hosts and origins, once each: mostly a proxy or a page of one's own that was not thought of. */
export class AccessLog {
  readonly #named = new Set<string>();

  constructor(private readonly logger: Pick<LoggerService, 'warn'>) {}

  add({ message, header, option }: AccessRefusal): void {
    if (this.#named.size >= MAX_NAMED || this.#named.has(message)) return;
    this.#named.add(message);
    const end = this.#named.size === MAX_NAMED ? '. No further values will be named' : '';
    this.logger.warn(
      `403: ${message}. If this ${header} is yours, name it in ${option} of McpModule.forRoot()${end}`,
    );
  }
}
