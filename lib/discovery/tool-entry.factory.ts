import type { LoggerService } from '@nestjs/common';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { Tool } from '../protocol/types/tools.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import type { ToolEntry } from '../registry/entries.js';
import { headerParameters } from '../schema/header-parameters.js';
import type { JsonSchema } from '../schema/schema.js';
import { toObjectSchema } from '../schema/tool-input.js';
import { warnOfIncompatibility } from './incompatibility.js';
import { commonDescription, commonEntry, schemaOf, type PrimitiveSource } from './primitive-source.js';
import { taskRules, type TaskRulesOptions } from './task-rules.js';
import { uiMeta, type UiMetaOptions } from './ui-meta.js';

const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const ANY_OBJECT = { type: 'object' };

/** Options of the server that count for its tools. */
export interface ToolEntryOptions extends UiMetaOptions, TaskRulesOptions {
  readonly logger: LoggerService;
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
