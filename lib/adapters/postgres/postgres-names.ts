import { createHash } from 'node:crypto';
import { McpConfigurationError } from '../../protocol/configuration.error.js';

/**
 * Where the tables are.
 *
 * @publicApi
 */
export interface PostgresTablesOptions {
  /** Schema of the tables. @default 'public' */
  readonly schema?: string;
  /** Begins the names of tables and functions. @default 'mcp_' */
  readonly tablePrefix?: string;
}

/** The names of tables, functions and the channel, quoted where they are part of a statement. */
export class PostgresNames {
  readonly schema: string;
  readonly prefix: string;

  constructor({ schema = 'public', tablePrefix = 'mcp_' }: PostgresTablesOptions) {
    this.schema = checked('schema', schema);
    this.prefix = checked('tablePrefix', tablePrefix);
  }

  get channel(): string {
    const place = createHash('sha256').update(`${this.schema}.${this.prefix}`).digest('hex');
    return `mcp_${place.slice(0, 16)}`;
  }

  of(name: string): string {
    return `"${this.schema}"."${this.prefix}${name}"`;
  }
}

function checked(option: string, name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(name)) return name;
  throw new McpConfigurationError(
    `PostgresStore: ${option} is to be at most 40 letters, digits and _, not ${JSON.stringify(name)}`,
  );
}
