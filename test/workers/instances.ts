import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createPoster, modern } from '../support/http.js';
import { root } from '../samples/support.js';
import { serveWorkers, type RunningWorker } from './support.js';

const run = promisify(execFile);

const NAMES = ['one', 'two'] as const;

/** Two workers of one application, each in an isolate of its own, and the objects that they share. */
export interface Instances {
  readonly one: { readonly url: string };
  readonly two: { readonly url: string };
  /** Ends objects of the store as an eviction does: what they have in memory is gone, and who follows them is cut off. */
  evict(): Promise<void>;
  /** Ends an instance in the same way. */
  evictInstance(name: (typeof NAMES)[number]): Promise<void>;
  /** Records of all objects of the store, or of these, expired ones too. */
  rows(ids?: readonly string[]): Promise<number>;
  /** Objects of the store that there have been since the start. */
  ids(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts them; where a folder is given, on what is in there. */
export async function startInstances({
  folder,
  sessionTtlMs,
}: { readonly folder?: string; readonly sessionTtlMs?: number } = {}): Promise<Instances> {
  const build = "import('./sample/build.mjs').then(({ buildSamples }) => buildSamples())";
  await run(process.execPath, ['--input-type=module', '--eval', build], { cwd: root });
  const instances = NAMES.map((NAME) => ({
    file: 'instance.worker.ts',
    name: NAME,
    durableObjects: {
      APPLICATION: { className: 'Application', useSQLite: true },
      STORE: { className: 'McpStoreObject', scriptName: 'store', useSQLite: true },
    },
    bindings: { NAME, ...(sessionTtlMs !== undefined && { SESSION_TTL_MS: sessionTtlMs }) },
  }));
  const serviceBindings = Object.fromEntries([...NAMES, 'store'].map((name) => [name, name]));
  const worker: RunningWorker = await serveWorkers(
    [
      { file: 'router.worker.ts', name: 'router', serviceBindings },
      ...instances,
      {
        file: 'store.worker.ts',
        name: 'store',
        durableObjects: { STORE: { className: 'McpStoreObject', useSQLite: true } },
      },
    ],
    folder === undefined ? {} : { durableObjectsPersist: folder },
  );
  const ask = async (path: string) => fetch(`${worker.url}/${path}`);
  const of = (ids: readonly string[] | undefined) => (ids ? `?ids=${ids.join(',')}` : '');
  return {
    one: { url: `${worker.url}/one/mcp` },
    two: { url: `${worker.url}/two/mcp` },
    evict: async () => {
      await ask('store/evict');
    },
    evictInstance: async (name) => {
      await ask(`${name}/evict`);
    },
    rows: async (ids) => (await (await ask(`store/rows${of(ids)}`)).json()) as number,
    ids: async () => (await (await ask('store/ids')).json()) as string[],
    stop: () => worker.stop(),
  };
}

/** Calls a tool as a client of no session. */
export async function command({ url }: { readonly url: string }, name: string, args: object = {}) {
  const { json, status, text } = await createPoster(url)(...modern('tools/call', { name, arguments: args }));
  if (!json?.result || json.result.isError) throw new Error(`${name}: ${status} ${text}`);
  return json.result.content[0].text as string;
}
