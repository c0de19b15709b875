import { Logger, type LoggerService } from '@nestjs/common';
import type { Call } from '../calls/call.js';

/** Parameters that say which primitive a request is about. */
const SUBJECTS: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/** The answer to a call, as far as it tells how that ended. */
interface Ending {
  readonly text: string;
  readonly isError: boolean;
}

const MAX_LENGTH = 200;

/** Writes a line for each call of a primitive: what was called by whom, how long it took and how it ended. */
export class CallLog {
  constructor(private readonly logger: LoggerService) {}

  /** Returns what to call with the answer; `undefined` where nothing is written. */
  begin({ request: { method, params }, principal }: Call): ((answer: Ending) => void) | undefined {
    const { logger } = this;
    const subject = Object.hasOwn(SUBJECTS, method) ? SUBJECTS[method] : undefined;
    if (!subject || !logger.debug || isQuiet(logger)) return undefined;
    const started = performance.now();
    return (answer) => {
      const caller = principal ? quoted(principal.subject ?? principal.clientId) : 'nobody in particular';
      const ms = (performance.now() - started).toFixed(1);
      logger.debug?.(`${method} ${quoted(params?.[subject])} by ${caller}: ${outcomeOf(answer)}, ${ms} ms`);
    };
  }
}

/** Of Nest's own logger it is known beforehand that it would say nothing. */
function isQuiet(logger: LoggerService): boolean {
  return logger instanceof Logger && !Logger.isLevelEnabled('debug');
}

/** Quotes text of a client: short, and without line breaks. */
function quoted(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value.slice(0, MAX_LENGTH) : null).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    ' ',
  );
}

function outcomeOf({ text, isError }: Ending): string {
  if (isError) return `error ${(JSON.parse(text) as { error: { code: number } }).error.code}`;
  // Parsed only where it may matter: results can be large.
  if (!text.includes('"isError":true') && !text.includes('"resultType":"input_required"')) return 'ok';
  const { result } = JSON.parse(text) as { result: { isError?: boolean; resultType?: string } };
  if (result.isError) return 'error result';
  return result.resultType === 'input_required' ? 'asks its client' : 'ok';
}
