import { createContext, Script, type Context } from 'node:vm';
import { isExplosive } from './explosive-schema.js';
import type { Schema, Validation } from './schema.js';
import { refuse } from './validation.js';

/** The longest that checking one value may keep the process from everything else. */
const LIMIT_MS = 500;

/** Values up to this size are checked at once: the limit costs as much as checking hundreds of small ones. */
const MAX_SMALL_NODES = 1_000;
const MAX_SMALL_TEXT = 1_000;

/**
 * Gives up on a value that takes too long to check, and refuses it.
 *
 * Only for what Ajv compiled: a script is ended wherever it is, and code of a user must reach its `finally`.
 */
export function withTimeLimit(schema: Schema): Schema {
  const isAlwaysLimited = isExplosive(schema.jsonSchema);
  return {
    jsonSchema: schema.jsonSchema,
    validate(value) {
      if (!isAlwaysLimited && isSmall(value)) return schema.validate(value);
      return limited(() => schema.validate(value));
    },
  };
}

function limited(validate: () => Validation | Promise<Validation>): Validation | Promise<Validation> {
  const before = limiter.context['work'] as unknown;
  let validation: Validation | Promise<Validation> | undefined;
  limiter.context['work'] = () => {
    validation = validate();
  };
  try {
    limiter.script.runInContext(limiter.context, { timeout: LIMIT_MS });
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return refuse([{ path: '', message: 'takes too long to check' }]);
  } finally {
    limiter.context['work'] = before;
  }
  return validation as Validation | Promise<Validation>;
}

/** Node can only limit the time of a script: this one calls what it finds. */
class Limiter {
  readonly script = new Script('work()');
  #context: Context | undefined;

  /** A context of its own takes a millisecond to make, which not every process needs to spend. */
  get context(): Context {
    return (this.#context ??= createContext({}));
  }
}

const limiter = new Limiter();

/** Looks at no more of a value than it takes to know. */
function isSmall(value: unknown): boolean {
  const open = [value];
  let count = 1;
  let text = 0;
  for (let next = open.pop(); open.length > 0 || next !== undefined; next = open.pop()) {
    if (typeof next === 'string') text += next.length;
    if (text > MAX_SMALL_TEXT) return false;
    if (typeof next !== 'object' || next === null) continue;
    const members: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    count += members.length;
    if (count > MAX_SMALL_NODES) return false;
    open.push(...members);
  }
  return true;
}
