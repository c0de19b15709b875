import { normalTemplate, normalUri } from '../protocol/normal-uri.js';
import type { Invoke, PromptEntry, ResourceEntry, ResourceTemplateEntry, ToolEntry } from './entries.js';
import { PRIMITIVE_KINDS, type DeclaredKinds, type PrimitiveKind } from './declared-kinds.js';
import { EntrySet } from './entry-set.js';
import { TemplateIndex, type TemplateMatch } from './template-index.js';

/** Prompt or URI template that a completion belongs to. */
export type CompletionRef = { readonly prompt: string } | { readonly uriTemplate: string };

/** Everything that one server offers. */
export class Catalog {
  readonly tools = new EntrySet<ToolEntry>();
  readonly resources = new EntrySet<ResourceEntry>(normalUri);
  readonly resourceTemplates = new EntrySet<ResourceTemplateEntry>(normalTemplate);
  readonly prompts = new EntrySet<PromptEntry>();
  readonly declared: DeclaredKinds = new Set();
  readonly #templates = new TemplateIndex(this.resourceTemplates);
  readonly #completers = new Map<string, Invoke>();
  #inline = { version: '', exist: false };
  #pages: { version: unknown; exist: boolean } = { version: undefined, exist: false };

  /** True if nothing is offered. */
  get isEmpty(): boolean {
    const { tools, resources, resourceTemplates, prompts } = this;
    return [tools, resources, resourceTemplates, prompts].every(({ size }) => size === 0);
  }

  /** The kinds of primitives there are now. */
  get kinds(): readonly PrimitiveKind[] {
    const { tools, resources, resourceTemplates, prompts } = this;
    const present: Readonly<Record<PrimitiveKind, boolean>> = {
      tools: tools.size > 0,
      resources: resources.size + resourceTemplates.size > 0,
      prompts: prompts.size > 0,
      completions: this.hasCompleters,
    };
    return PRIMITIVE_KINDS.filter((kind) => present[kind]);
  }

  /** True if at least one primitive can be used without a token. */
  get hasPublic(): boolean {
    const { tools, resources, resourceTemplates, prompts } = this;
    return [tools, resources, resourceTemplates, prompts].some((entries) => entries.hasPublic);
  }

  /** True if at least one argument has a completer. */
  get hasCompleters(): boolean {
    if (this.#completers.size > 0) return true;
    const { prompts, resourceTemplates } = this;
    const version = `${prompts.version}.${resourceTemplates.version}`;
    if (this.#inline.version !== version) {
      const entries = [...prompts.sorted(), ...resourceTemplates.sorted()];
      this.#inline = { version, exist: entries.some(({ completers }) => completers.size > 0) };
    }
    return this.#inline.exist;
  }

  /** True if at least one tool has a page of MCP Apps. */
  get hasPages(): boolean {
    if (this.#pages.version !== this.tools.version) {
      const exist = this.tools.sorted().some(({ tool }) => tool._meta?.['ui'] !== undefined);
      this.#pages = { version: this.tools.version, exist };
    }
    return this.#pages.exist;
  }

  /** The templates a URI is of, most specific first. */
  templatesOf(uri: string): Iterable<TemplateMatch> {
    return this.#templates.matches(uri);
  }

  /** Sets the completer of an argument; `false` when it has one. */
  addCompleter(ref: CompletionRef, argument: string, completer: Invoke): boolean {
    if (this.completer(ref, argument)) return false;
    this.#completers.set(keyOf(ref, argument), completer);
    return true;
  }

  /** The completer of an argument: the one that came with the primitive, or one that was declared apart. */
  completer(ref: CompletionRef, argument: string): Invoke | undefined {
    const entry =
      'prompt' in ref ? this.prompts.get(ref.prompt) : this.resourceTemplates.get(ref.uriTemplate);
    return entry?.completers.get(argument) ?? this.#completers.get(keyOf(ref, argument));
  }
}

function keyOf(ref: CompletionRef, argument: string): string {
  const target = 'prompt' in ref ? ref : { uriTemplate: normalTemplate(ref.uriTemplate) };
  return JSON.stringify([target, argument]);
}
