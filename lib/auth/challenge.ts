/** Challenge to a refused client, with the facts it needs to get a sufficient token. */
export interface Challenge {
  readonly metadataUrl: string | undefined;
  readonly scopes: readonly string[];
  /** Absent where the request brought nothing that could be wrong. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly description?: string;
}

/**
 * The value of `WWW-Authenticate`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#runtime-insufficient-scope-errors
 */
export function toHeader({ metadataUrl, scopes, error, description }: Challenge): string {
  const parameters = {
    resource_metadata: metadataUrl,
    scope: scopes.length > 0 ? scopes.join(' ') : undefined,
    error,
    error_description: description,
  };
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replace(/["\\]/g, '\\$&')}"`],
  );
  return ['Bearer', written.join(', ')].filter(Boolean).join(' ');
}
