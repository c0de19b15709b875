/**
 * As much as is needed of a binding to a namespace of Durable Objects: `env.MCP_STORE`.
 *
 * @publicApi
 */
export interface StoreObjectNamespace {
  idFromName(name: string): unknown;
  get(id: never): { fetch(url: string, init?: RequestInit): Promise<Response> };
}

/** Rows of a statement. */
export interface SqlCursor {
  toArray(): Record<string, unknown>[];
  readonly rowsWritten: number;
}

/**
 * As much as is needed of what a Durable Object is constructed with.
 *
 * @publicApi
 */
export interface StoreObjectState {
  readonly storage: {
    readonly sql: { exec(query: string, ...bindings: unknown[]): SqlCursor };
    transactionSync<T>(work: () => T): T;
    getAlarm(): Promise<number | null>;
    setAlarm(time: number): Promise<void>;
    deleteAll(): Promise<void>;
  };
}
