import type { LoggerService } from '@nestjs/common';
import type { AccessRefusal } from './access-policy.js';

/** How many refused values are named: strangers may think of any number. */
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
