import type { LoggerService } from '@nestjs/common';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import type { TaskRules } from '../protocol/types/task-rules.js';
import type { Tool } from '../protocol/types/tools.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import type { ToolEntry } from '../registry/entries.js';
import { headerParameters } from '../schema/header-parameters.js';
import type { JsonSchema } from '../schema/schema.js';
import { toObjectSchema } from '../schema/tool-input.js';
import { warnOfIncompatibility } from './incompatibility.js';
import { commonDescription, commonEntry, schemaOf, type PrimitiveSource } from './primitive-source.js';
import { uiMeta, type UiMetaOptions } from './ui-meta.js';

const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const ANY_OBJECT = { type: 'object' };

/** Options of the server that count for its tools. */
export interface ToolEntryOptions extends UiMetaOptions {
  readonly logger: LoggerService;
  readonly tasks?: unknown;
  readonly store?: unknown;
}

/** Builds the entry of a tool; throws `McpConfigurationError` for what cannot work. */
export async function createToolEntry(
  options: McpToolOptions,
  source: PrimitiveSource,
  server: ToolEntryOptions,
): Promise<ToolEntry> {
  const { where } = source;
  const name = options.name ?? source.defaultName;
  if (!TOOL_NAME.test(name)) {
    throw new McpConfigurationError(
      `${where}: the tool name "${name}" must be 1 to 128 of the characters A-Z a-z 0-9 _ - .`,
    );
  }
  const common = commonEntry(options, source);
  const input = await schemaOf(options.input ?? source.defaultInput ?? ANY_OBJECT, 'input', source);
  const output = options.output && (await schemaOf(options.output, 'output', source));
  const inputSchema = toObjectSchema(input.jsonSchema, `${where} input`);
  warnOfIncompatibility(name, inputSchema, where, server.logger);
  return {
    ...common,
    key: name,
    tool: describe(name, { ...options, ...uiMeta(options, where, server) }, inputSchema, output?.jsonSchema),
    input,
    output,
    task: taskRules(options.task, where, server),
    mirrored: headerParameters(input.jsonSchema, `${where} input`),
  };
}

const TASK_DEFAULTS: TaskRules = { mode: 'auto', afterMs: 2_000, ttlMs: 3_600_000, pollIntervalMs: 1_000 };

function taskRules(
  given: McpToolOptions['task'],
  where: string,
  { tasks, store }: ToolEntryOptions,
): TaskRules | undefined {
  const rules = { ...TASK_DEFAULTS, ...(typeof given === 'object' ? given : { mode: given ?? 'never' }) };
  if (!['never', 'auto', 'required'].includes(rules.mode))
    throw new McpConfigurationError(`${where} task: the mode must be 'never', 'auto' or 'required'`);
  for (const name of ['afterMs', 'ttlMs', 'pollIntervalMs'] as const) {
    const least = name === 'afterMs' ? 0 : 1;
    if (Number.isSafeInteger(rules[name]) && rules[name] >= least && rules[name] <= MAX_DELAY_MS) continue;
    throw new McpConfigurationError(
      `${where} task: ${name} must be an integer from ${least} to ${MAX_DELAY_MS}, not ${String(rules[name])}`,
    );
  }
  if (rules.mode === 'never') return undefined;
  if (tasks === undefined && store === undefined)
    throw new McpConfigurationError(
      `${where} task: tasks have to be kept somewhere. Give McpModule.forRoot() the option tasks, such as ` +
        'new InMemoryTaskAdapter() for one instance, or store',
    );
  return rules;
}

function describe(
  name: string,
  options: McpToolOptions,
  inputSchema: JsonSchema,
  outputSchema?: JsonSchema,
): Tool {
  const { annotations } = options;
  return {
    name,
    ...commonDescription(options),
    inputSchema,
    ...(outputSchema && { outputSchema }),
    ...(annotations && { annotations }),
  };
}
