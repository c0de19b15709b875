import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { McpCompletionOptions } from '../decorators/mcp-completion.decorator.js';
import type { Catalog, CompletionRef } from '../registry/catalog.js';
import type { Entry, Invoke } from '../registry/entries.js';
import type { EntrySet } from '../registry/entry-set.js';
import type { Declarations } from './mcp-metadata.accessor.js';
import type { PrimitiveSource } from './primitive-source.js';
import { createPromptEntry } from './prompt-entry.factory.js';
import { createResourceEntry, createResourceTemplateEntry, isTemplate } from './resource-entry.factory.js';
import { createToolEntry, type ToolEntryOptions } from './tool-entry.factory.js';

/** A completion that waits until everything it may be for is there. */
interface PendingCompletion {
  readonly options: McpCompletionOptions;
  readonly origin: string;
  readonly invoke: Invoke;
}

/** Puts what decorators declare into the catalog of a server, and sees to it that nothing is declared twice. */
export class CatalogWriter {
  readonly #origins = new Map<string, string>();
  readonly #completions: PendingCompletion[] = [];

  constructor(
    private readonly catalog: Catalog,
    private readonly server: ToolEntryOptions,
  ) {}

  /** `origin` is the source with the module it is from. */
  async write(declared: Declarations, source: PrimitiveSource, origin: string): Promise<void> {
    const { tools, prompts, resources, resourceTemplates } = this.catalog;
    const { tool, resource, prompt, completion } = declared;
    if (tool) this.#add(tools, 'tool name', await createToolEntry(tool, source, this.server), origin);
    if (prompt) this.#add(prompts, 'prompt name', await createPromptEntry(prompt, source), origin);
    if (resource && isTemplate(resource)) {
      const entry = await createResourceTemplateEntry(resource, source);
      this.#add(resourceTemplates, 'URI template', entry, origin);
    } else if (resource) {
      this.#add(resources, 'URI', createResourceEntry(resource, source), origin);
    }
    if (completion) this.#completions.push({ options: completion, origin, invoke: source.invoke });
  }

  /** To be called when all is written. */
  finish(): void {
    for (const { options, origin, invoke } of this.#completions.splice(0)) {
      const { argument } = options;
      const ref = toRef(options);
      const what = 'prompt' in ref ? `prompt "${ref.prompt}"` : `URI template "${ref.uriTemplate}"`;
      const names = this.#argumentsOf(ref);
      if (!names) {
        throw new McpConfigurationError(
          `${origin}: this server has no ${what} to complete; one that is added at run time brings its own complete`,
        );
      }
      if (!names.includes(argument)) {
        throw new McpConfigurationError(
          `${origin}: the ${what} has no argument "${argument}"; there are: ${names.join(', ') || 'none'}`,
        );
      }
      if (!this.catalog.addCompleter(ref, argument, invoke)) {
        throw new McpConfigurationError(
          `${origin}: the argument "${argument}" of the ${what} is completed elsewhere too`,
        );
      }
    }
  }

  #argumentsOf(ref: CompletionRef): readonly string[] | undefined {
    if ('uriTemplate' in ref) return this.catalog.resourceTemplates.get(ref.uriTemplate)?.template.variables;
    const entry = this.catalog.prompts.get(ref.prompt);
    return entry && (entry.prompt.arguments ?? []).map(({ name }) => name);
  }

  #add<E extends Entry>(entries: EntrySet<E>, what: string, entry: E, origin: string): void {
    const id = `${what} "${entry.key}"`;
    if (!entries.add(entry)) {
      throw new McpConfigurationError(
        `${origin}: the ${id} is taken by ${this.#origins.get(id) ?? 'one added at run time'}; ` +
          'give one of them another one, or provide the class in one module only',
      );
    }
    this.#origins.set(id, origin);
  }
}

function toRef(options: McpCompletionOptions): CompletionRef {
  return options.prompt === undefined ? { uriTemplate: options.uriTemplate } : { prompt: options.prompt };
}
