import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';

/** Errors of JetStream: another caller changed the record, there is no such stream, an administrator has to fix it. */
const WRONG_LAST_SEQUENCE = 10071;
const STREAM_NOT_FOUND = 10059;
const NOT_ENABLED: readonly (number | undefined)[] = [10039, 10076];

/** Limits that are reached: of the server, of the account, of the stream. */
const NO_ROOM: readonly (number | undefined)[] = [10002, 10023, 10028, 10047, 10077, 10109, 10122];

/** Mistakes in code, which do not pass. */
const MISTAKES: readonly unknown[] = [TypeError, RangeError, ReferenceError, SyntaxError];

export function isConflict(error: unknown): boolean {
  return codeOf(error) === WRONG_LAST_SEQUENCE;
}

export function isStreamMissing(error: unknown): boolean {
  return codeOf(error) === STREAM_NOT_FOUND;
}

/** Recognises that JetStream does not run on the server or for the account, or that no stream takes a message. */
export function isWithoutJetStream(error: unknown): boolean {
  if (NOT_ENABLED.includes(codeOf(error))) return true;
  return causesOf(error).some((each) => each instanceof errors.RequestError && each.isNoResponders());
}

/** Recognises a stream or server that is full. */
export function isFull(error: unknown): boolean {
  return NO_ROOM.includes(codeOf(error));
}

/** Recognises transient failures. */
export function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) {
    return isStreamMissing(error) || isWithoutJetStream(error) || (error.status >= 500 && !isFull(error));
  }
  if (error instanceof McpConfigurationError || isRefusal(error)) return false;
  return !MISTAKES.includes((error as Error | undefined)?.constructor);
}

/** The error as callers are to see it. */
export function toAdapterError(error: unknown): Error {
  if (error instanceof AdapterUnavailableError || error instanceof McpConfigurationError) return error;
  const { message } = error as Error;
  if (isRefusal(error)) {
    return new McpConfigurationError(
      `NATS refuses what natsStore() needs: ${message}. See its credentials and permissions`,
      {
        cause: error,
      },
    );
  }
  if (!isPassing(error) && !isFull(error)) return error as Error;
  return new AdapterUnavailableError(`NATS does not serve: ${message}`, { cause: error });
}

/** Recognises wrong credentials or permissions. */
export function isRefusal(error: unknown): boolean {
  const kinds = [
    errors.AuthorizationError,
    errors.PermissionViolationError,
    errors.UserAuthenticationExpiredError,
  ];
  return causesOf(error).some((each) => kinds.some((kind) => each instanceof kind));
}

/** An error, its cause, and so on. */
function causesOf(error: unknown): unknown[] {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return cause === undefined ? [error] : [error, ...causesOf(cause)];
}

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}
