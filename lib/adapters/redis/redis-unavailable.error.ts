import { AdapterUnavailableError } from '../adapter-unavailable.error.js';

/**
 * Redis cannot be reached, or did not answer in time. Nothing may be concluded about whether the command was carried out;
 * what was asked may be asked again later.
 *
 * @publicApi
 */
export class RedisUnavailableError extends AdapterUnavailableError {
  override readonly name = 'RedisUnavailableError';
}
