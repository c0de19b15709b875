/** Legacy is 2025-03-26 to 2025-11-25, modern is 2026-07-28. */
export type Era = 'legacy' | 'modern';

/** A JSON-RPC message of unknown content. */
export type Message = Readonly<Record<string, any>>;

export interface Schema {
  safeParse(value: unknown): { success: boolean; error?: { message: string } };
}

/** Errors of a value against a schema. */
export function parse(schema: Schema, value: unknown, what: string): string[] {
  const { success, error } = schema.safeParse(value);
  return success ? [] : [`${what}: ${error?.message}`];
}

/** Methods that the schemas of requests and notifications describe. */
export function withoutEnvelope({ jsonrpc: _, id: __, ...message }: Message): Message {
  return message;
}

export function isJsonRpc(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value;
}

export function isRequest(value: unknown): value is Message {
  return (
    isJsonRpc(value) &&
    typeof value['method'] === 'string' &&
    ['string', 'number'].includes(typeof value['id'])
  );
}

export function isNotification(value: unknown): value is Message {
  return isJsonRpc(value) && 'method' in value && !('id' in value);
}

export function isResponse(value: unknown): value is Message {
  return isJsonRpc(value) && !('method' in value);
}
