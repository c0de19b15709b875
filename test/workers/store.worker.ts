import {
  McpStoreObject as StoreObject,
  type StoreObjectNamespace,
  type StoreObjectState,
} from 'nestjs-mcp-adapters/cloudflare';

interface Namespace extends StoreObjectNamespace {
  idFromString(id: string): unknown;
}

interface State extends StoreObjectState {
  readonly id: unknown;
  abort(reason: string): void;
}

/** Ids of the objects that have been constructed. */
const ids = new Set<string>();

/** The object of the library, which a test can evict and look into. */
export class McpStoreObject extends StoreObject {
  readonly #state: State;

  constructor(state: State) {
    super(state);
    this.#state = state;
    ids.add(String(state.id));
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/evict') this.#state.abort('evicted');
    if (pathname !== '/rows') return super.fetch(request);
    const [row] = this.#state.storage.sql.exec('SELECT count(*) AS rows FROM record').toArray();
    return Response.json(row?.['rows']);
  }
}

/** `/evict` evicts all objects, `/rows` counts their records, expired ones too; both name the objects with `?ids=`. */
export default {
  async fetch(request: Request, { STORE }: { readonly STORE: Namespace }): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const asked = searchParams.get('ids')?.split(',') ?? [...ids];
    if (pathname === '/ids') return Response.json(asked);
    const answers = asked.map(async (id) => {
      const response = await STORE.get(STORE.idFromString(id) as never).fetch(`https://store${pathname}`);
      return (await response.json()) as number;
    });
    const counts = await Promise.all(answers.map(async (answer) => answer.catch(() => 0)));
    return Response.json(counts.reduce((sum, count) => sum + count, 0));
  },
};
