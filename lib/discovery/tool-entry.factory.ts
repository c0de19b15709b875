import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { Tool } from '../protocol/types/tools.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import type { Invoke, ToolEntry } from '../registry/entries.js';
import { headerParameters } from '../schema/header-parameters.js';
import { resolveSchema, type ResolveSchemaOptions, type SchemaSource } from '../schema/resolve-schema.js';
import type { JsonSchema, Schema } from '../schema/schema.js';
import { assertObjectSchema } from '../schema/tool-input.js';

const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** Everything about a tool but its options. */
export interface ToolSource {
  /** `Class.method`, for error messages. */
  readonly where: string;
  /** The name if the options give none. */
  readonly defaultName: string;
  /** The schema source if the options give none. */
  readonly defaultInput: SchemaSource;
  readonly invoke: Invoke;
  readonly schemaToJson: ResolveSchemaOptions['schemaToJson'];
}

/** Builds the entry of a tool; throws `McpConfigurationError` for what cannot work. */
export async function createToolEntry(options: McpToolOptions, source: ToolSource): Promise<ToolEntry> {
  const { where } = source;
  const name = options.name ?? source.defaultName;
  if (!TOOL_NAME.test(name)) {
    throw new McpConfigurationError(
      `${where}: the tool name "${name}" must be 1 to 128 of the characters A-Z a-z 0-9 _ - .`,
    );
  }
  const timeoutMs = options.timeoutMs;
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new McpConfigurationError(`${where}: timeoutMs must be a positive number of milliseconds`);
  }
  const input = await schemaOf(options.input ?? source.defaultInput, 'input', source);
  const output = options.output && (await schemaOf(options.output, 'output', source));
  assertObjectSchema(input.jsonSchema, `${where} input`);
  return {
    tool: describe(name, options, input.jsonSchema, output?.jsonSchema),
    input,
    output,
    mirrored: headerParameters(input.jsonSchema, `${where} input`),
    timeoutMs,
    invoke: source.invoke,
  };
}

function schemaOf(from: SchemaSource, direction: 'input' | 'output', source: ToolSource): Promise<Schema> {
  const { where, schemaToJson } = source;
  return resolveSchema(from, { direction, where: `${where} ${direction}`, ...(schemaToJson && { schemaToJson }) });
}

function describe(name: string, options: McpToolOptions, inputSchema: JsonSchema, outputSchema?: JsonSchema): Tool {
  const { title, description, annotations, icons, _meta } = options;
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema,
    ...(outputSchema && { outputSchema }),
    ...(annotations && { annotations }),
    ...(icons && { icons }),
    ...(_meta && { _meta }),
  };
}
