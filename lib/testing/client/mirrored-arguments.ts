import type { OutgoingHttpHeaders } from 'node:http';
import { isObject } from '../../protocol/json-rpc.js';
import { encodeHeaderValue } from '../../protocol/mcp-headers.js';
import { headerParameters, type HeaderParameter } from '../../schema/header-parameters.js';

type Tool = Readonly<Record<string, unknown>>;

/**
 * The arguments that a client repeats in `Mcp-Param-*` headers. Which ones is in the schema of the tool, which is looked up
 * when a call is refused for want of them.
 */
export class MirroredArguments {
  readonly #known = new Map<string, readonly HeaderParameter[]>();

  constructor(private readonly listTools: () => Promise<readonly Tool[]>) {}

  /** Looks a tool up. @returns whether there is anything to repeat */
  async learn(name: string | undefined): Promise<boolean> {
    if (name === undefined) return false;
    const tool = (await this.listTools()).find((each) => each['name'] === name);
    const parameters = tool ? headerParameters(tool['inputSchema'] as Tool, name) : [];
    this.#known.set(name, parameters);
    return parameters.length > 0;
  }

  headers(name: string | undefined, args: unknown): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = {};
    for (const { header, path } of this.#known.get(name ?? '') ?? []) {
      const value = path.reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), args);
      if (isPrimitive(value)) headers[header] = encodeHeaderValue(String(value));
    }
    return headers;
  }
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
