import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isObject } from '../protocol/json-rpc.js';
import type { PromptArgument } from '../protocol/types/prompts.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import type { PromptEntry } from '../registry/entries.js';
import type { JsonSchema } from '../schema/schema.js';
import {
  commonDescription,
  commonEntry,
  completersOf,
  schemaOf,
  type PrimitiveSource,
} from './primitive-source.js';

/** Builds the entry of a prompt; throws `McpConfigurationError` for what cannot work. */
export async function createPromptEntry(
  options: McpPromptOptions,
  source: PrimitiveSource,
): Promise<PromptEntry> {
  const { where } = source;
  const name = options.name ?? source.defaultName;
  if (typeof name !== 'string' || name === '') {
    throw new McpConfigurationError(`${where}: a prompt needs a name`);
  }
  if (options.arguments && options.input) {
    throw new McpConfigurationError(
      `${where}: give the arguments of a prompt as arguments or as input, not both`,
    );
  }
  const from = options.arguments ? toJsonSchema(options.arguments) : (options.input ?? source.defaultInput);
  const input = from && (await schemaOf(from, 'input', source));
  const list = input ? toArguments(input.jsonSchema, where) : [];
  return {
    ...commonEntry(options, source),
    key: name,
    prompt: { name, ...commonDescription(options), ...(list.length > 0 && { arguments: list }) },
    input,
    completers: await completersOf(
      options.complete,
      list.map((argument) => argument.name),
      source,
    ),
  };
}

/** A list of arguments says which there are and which are required, and that is a schema. */
function toJsonSchema(list: readonly PromptArgument[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(
      list.map(({ name, title, description }) => [
        name,
        {
          type: 'string',
          ...(title !== undefined && { title }),
          ...(description !== undefined && { description }),
        },
      ]),
    ),
    required: list.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** Arguments that `prompts/list` shows for a schema. */
function toArguments(schema: JsonSchema, where: string): PromptArgument[] {
  const { type, properties = {}, required = [] } = schema;
  if (type !== 'object' || !isObject(properties)) {
    throw new McpConfigurationError(
      `${where} input: the arguments of a prompt are the properties of an object`,
    );
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    ...textOf(property, 'title'),
    ...textOf(property, 'description'),
    ...((required as readonly string[]).includes(name) && { required: true }),
  }));
}

function textOf(property: unknown, key: 'title' | 'description') {
  const text = isObject(property) ? property[key] : undefined;
  return typeof text === 'string' ? { [key]: text } : {};
}
