import type { Topic } from './requirement.js';
import { BASE_PROTOCOL } from './topics/base-protocol.js';
import { CACHING } from './topics/caching.js';
import { CANCELLATION } from './topics/cancellation.js';
import { COMPLETION } from './topics/completion.js';
import { ELICITATION } from './topics/elicitation.js';
import { HTTP_LEGACY } from './topics/http-legacy.js';
import { HTTP_MODERN } from './topics/http-modern.js';
import { HTTP_SESSIONS } from './topics/http-sessions.js';
import { JSON_SCHEMA } from './topics/json-schema.js';
import { LIFECYCLE } from './topics/lifecycle.js';
import { LOGGING } from './topics/logging.js';
import { METADATA } from './topics/metadata.js';
import { MIRRORED_PARAMETERS } from './topics/mirrored-parameters.js';
import { MRTR } from './topics/mrtr.js';
import { PAGINATION } from './topics/pagination.js';
import { PING } from './topics/ping.js';
import { PROGRESS } from './topics/progress.js';
import { PROMPTS } from './topics/prompts.js';
import { RESOURCES } from './topics/resources.js';
import { ROOTS } from './topics/roots.js';
import { SAMPLING } from './topics/sampling.js';
import { STDIO } from './topics/stdio.js';
import { SUBSCRIPTIONS } from './topics/subscriptions.js';
import { TOOLS } from './topics/tools.js';
import { VERSIONING } from './topics/versioning.js';

/** Requirements of the specification on servers, by subject. */
export const TOPICS: readonly Topic[] = [
  BASE_PROTOCOL,
  METADATA,
  JSON_SCHEMA,
  LIFECYCLE,
  VERSIONING,
  HTTP_LEGACY,
  HTTP_SESSIONS,
  STDIO,
  HTTP_MODERN,
  MIRRORED_PARAMETERS,
  MRTR,
  SUBSCRIPTIONS,
  CANCELLATION,
  PROGRESS,
  PING,
  CACHING,
  LOGGING,
  PAGINATION,
  COMPLETION,
  TOOLS,
  RESOURCES,
  PROMPTS,
  ELICITATION,
  SAMPLING,
  ROOTS,
];
