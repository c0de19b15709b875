import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import type { TaskRules } from '../protocol/types/task-rules.js';

/** Options of the server that say where tasks are kept. */
export interface TaskRulesOptions {
  readonly tasks?: unknown;
  readonly store?: unknown;
}

const DEFAULTS: TaskRules = {
  mode: 'auto',
  afterMs: 2_000,
  ttlMs: 3_600_000,
  pollIntervalMs: 1_000,
  restartable: false,
  handOver: false,
  legacy: 'call',
};

/** Rules by which calls of a tool become tasks; `undefined` where none does. Throws `McpConfigurationError` for what cannot work. */
export function taskRules(
  given: McpToolOptions['task'],
  where: string,
  { tasks, store }: TaskRulesOptions,
): TaskRules | undefined {
  const options = typeof given === 'object' ? given : { mode: given ?? ('never' as const) };
  const legacy = options.handOver ? 'refuse' : 'call';
  const rules = { ...DEFAULTS, legacy, ...options } as TaskRules;
  if (!['never', 'auto', 'required'].includes(rules.mode))
    throw new McpConfigurationError(`${where} task: the mode must be 'never', 'auto' or 'required'`);
  if (!['call', 'refuse'].includes(rules.legacy))
    throw new McpConfigurationError(`${where} task: legacy must be 'call' or 'refuse'`);
  for (const name of ['afterMs', 'ttlMs', 'pollIntervalMs'] as const) {
    const least = name === 'afterMs' ? 0 : 1;
    if (Number.isSafeInteger(rules[name]) && rules[name] >= least && rules[name] <= MAX_DELAY_MS) continue;
    throw new McpConfigurationError(
      `${where} task: ${name} must be an integer from ${least} to ${MAX_DELAY_MS}, not ${String(rules[name])}`,
    );
  }
  if (rules.handOver && rules.mode !== 'required')
    throw new McpConfigurationError(
      `${where} task: handOver needs mode 'required'. A call that is no task has nothing to hand over`,
    );
  if (rules.mode === 'never') return undefined;
  if (tasks === undefined && store === undefined)
    throw new McpConfigurationError(
      `${where} task: tasks have to be kept somewhere. Give McpModule.forRoot() the option tasks, such as ` +
        'new InMemoryTaskAdapter() for one instance, or store',
    );
  return rules;
}
