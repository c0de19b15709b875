import { MAX_URI_LENGTH, normalUri } from '../protocol/normal-uri.js';
import type { UriVariables } from '../protocol/uri-template.js';
import type { ResourceTemplateEntry } from './entries.js';
import type { EntrySet } from './entry-set.js';

/** A template that a URI is of. */
export interface TemplateMatch {
  readonly entry: ResourceTemplateEntry;
  readonly variables: UriVariables;
}

/**
 * Finds the templates a URI is of by the text they begin with: templates that begin otherwise cost nothing.
 *
 * The most specific comes first: longest beginning without a variable, then most characters that are no variable, then
 * code unit order.
 */
export class TemplateIndex {
  #byPrefix = new Map<string, ResourceTemplateEntry[]>();
  #prefixLengths: readonly number[] = [];
  #version = -1;

  constructor(private readonly templates: EntrySet<ResourceTemplateEntry>) {}

  /** The matches, best first, each made when asked for. */
  *matches(given: string): Generator<TemplateMatch> {
    if (given.length > MAX_URI_LENGTH) return;
    const uri = normalUri(given);
    if (this.#version !== this.templates.version) this.#rebuild();
    for (const length of this.#prefixLengths) {
      if (length > uri.length) continue;
      for (const entry of this.#byPrefix.get(uri.slice(0, length)) ?? []) {
        const variables = entry.template.match(uri);
        if (variables) yield { entry, variables };
      }
    }
  }

  #rebuild(): void {
    const byPrefix = new Map<string, ResourceTemplateEntry[]>();
    for (const entry of this.templates.sorted()) {
      const { prefix } = entry.template;
      const sharing = byPrefix.get(prefix);
      if (sharing) sharing.push(entry);
      else byPrefix.set(prefix, [entry]);
    }
    for (const sharing of byPrefix.values()) {
      sharing.sort((a, b) => b.template.literalLength - a.template.literalLength);
    }
    const lengths = new Set([...byPrefix.keys()].map((prefix) => prefix.length));
    this.#byPrefix = byPrefix;
    this.#prefixLengths = [...lengths].sort((a, b) => b - a);
    this.#version = this.templates.version;
  }
}
