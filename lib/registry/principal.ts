/**
 * The authenticated caller: who a session, stream, question or task belongs to.
 *
 * Two principals are the same when `issuer`, `tenant`, `clientId` and `subject` are; a refreshed token changes none of them.
 *
 * @publicApi
 */
export interface Principal {
  readonly issuer?: string;
  /** Within whose realm the subject is unique, where the issuer does not say. */
  readonly tenant?: string;
  readonly clientId?: string;
  readonly subject?: string;
  readonly scopes?: readonly string[];
  /** Whatever else the verified token or the application's guard said. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch after which the credentials are worth nothing: streams opened with them end then. */
  readonly expiresAt?: number;
}
