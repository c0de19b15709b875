import { AdapterUnavailableError } from '../adapter-unavailable.error.js';

/**
 * Postgres cannot be reached, cannot serve now or did not answer in time. Nothing may be concluded about whether the
 * statement was carried out; what was asked may be asked again later.
 *
 * @publicApi
 */
export class PostgresUnavailableError extends AdapterUnavailableError {
  override readonly name = 'PostgresUnavailableError';
}
