import type { RedisClient } from './redis.clients.js';
import { appendEvent } from './scripts/append-event.script.js';
import { createSession } from './scripts/create-session.script.js';
import { deleteSession } from './scripts/delete-session.script.js';
import { dropLog } from './scripts/drop-log.script.js';
import { forgetQuestion } from './scripts/forget-question.script.js';
import { openSession } from './scripts/open-session.script.js';
import { publishEvent } from './scripts/publish-event.script.js';
import { readEvents } from './scripts/read-events.script.js';
import { settleQuestion } from './scripts/settle-question.script.js';
import { withdrawAnswer } from './scripts/withdraw-answer.script.js';
import { writeState } from './scripts/write-state.script.js';

/** All scripts, each to be made known to a client before it is run there. */
export const scripts: readonly { define(client: RedisClient): void }[] = [
  appendEvent,
  createSession,
  deleteSession,
  dropLog,
  forgetQuestion,
  openSession,
  publishEvent,
  readEvents,
  settleQuestion,
  withdrawAnswer,
  writeState,
];
