import type { JsonRpcRequest } from '../protocol/json-rpc.js';
import { isObject } from '../protocol/json-rpc.js';
import type { Access, Entry } from '../registry/entries.js';
import type { Catalog } from '../registry/catalog.js';
import type { Permissions } from '../lists/permissions.js';
import type { Call } from '../calls/call.js';
import type { ServerList, ServerLists } from './server-lists.js';

/** A primitive that may be what a request is about. */
interface Candidate {
  readonly entry: Entry;
  isShown(call: Call): Promise<boolean>;
}

/** Reason to deny a caller a primitive: the access it needs, or `unknown` if the caller may not know of it. */
export type Denial = Access | 'unknown';

/** Checks whether requests of a method are about one primitive. */
export function isAboutPrimitive({ method }: JsonRpcRequest): boolean {
  return Object.hasOwn(METHODS, method);
}

/** `undefined` if the caller may go on. */
export async function denialOf(
  call: Call,
  catalog: Catalog,
  lists: ServerLists,
  permissions: Permissions,
): Promise<Denial | undefined> {
  const candidates = [...(METHODS[call.request.method]?.(call.request.params ?? {}, catalog, lists) ?? [])];
  const permits = ({ entry }: Candidate) => permissions.permits(entry, call.principal);
  if (candidates.length > 0 && candidates.every(permits)) return undefined;
  for (const candidate of candidates) {
    if (await candidate.isShown(call)) return permits(candidate) ? undefined : candidate.entry.access;
  }
  return 'unknown';
}

type Find = (
  params: Readonly<Record<string, unknown>>,
  catalog: Catalog,
  lists: ServerLists,
) => Iterable<Candidate>;

const byUri: Find = ({ uri }, catalog, { resources, resourceTemplates }) => {
  if (typeof uri !== 'string') return [];
  return [
    ...named(uri, catalog.resources.get(uri), resources),
    ...Array.from(catalog.templatesOf(uri), ({ entry }) => toCandidate(entry, resourceTemplates)),
  ];
};

const byRef: Find = ({ ref }, catalog, lists) => {
  if (!isObject(ref)) return [];
  if (ref['type'] === 'ref/prompt')
    return named(ref['name'], catalog.prompts.get(toText(ref['name'])), lists.prompts);
  const uri = toText(ref['uri']);
  return [
    ...named(uri, catalog.resourceTemplates.get(uri), lists.resourceTemplates),
    ...named(uri, catalog.resources.get(uri), lists.resources),
  ];
};

const METHODS: Readonly<Record<string, Find>> = {
  'tools/call': ({ name }, { tools }, lists) => named(name, tools.get(toText(name)), lists.tools),
  'prompts/get': ({ name }, { prompts }, lists) => named(name, prompts.get(toText(name)), lists.prompts),
  'resources/read': byUri,
  'resources/subscribe': byUri,
  'completion/complete': byRef,
};

/** Not everything that JSON can hold can be made a string: `{ "toString": 1 }` cannot. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function named<E extends Entry>(key: unknown, entry: E | undefined, list: ServerList<E>): Candidate[] {
  return typeof key === 'string' && entry ? [toCandidate(entry, list)] : [];
}

function toCandidate<E extends Entry>(entry: E, { visibility }: ServerList<E>): Candidate {
  return { entry, isShown: (call) => visibility.isShown(entry, call) };
}
