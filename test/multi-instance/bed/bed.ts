import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../../support/app.js';
import { startStore, type StoreServer } from '../../support/stores.js';
import { Notebook } from '../fixture/notebook.js';
import { compiledFixture } from './compiled.js';
import { InstanceProcess, type Instance } from './instance.js';
import { lastingPort } from './ports.js';
import { RoundRobinProxy } from './proxy.js';

export type { Instance } from './instance.js';
export type { Served } from './proxy.js';

export interface BedOptions {
  /** @default 2 */
  readonly instances?: number;
  /** Stays when the bed goes. @default one of the bed's own */
  readonly store?: StoreServer;
  /** @default 'express' */
  readonly platform?: Platform;
  /** Platform of each instance, in turns. @default `platform` for all */
  readonly platforms?: readonly Platform[];
  /** Which program of the fixture they run, as a path in its folder. @default 'main' */
  readonly program?: 'main' | 'chaos/main' | 'chaos-tasks/main';
  /** Settings of the fixture, see its `options.ts`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Some processes of one server, a proxy before them and the store behind. */
export interface Bed {
  /** The MCP endpoint of the proxy. */
  readonly url: string;
  readonly proxy: RoundRobinProxy;
  readonly instances: readonly Instance[];
  readonly store: StoreServer;
  /** Entries that the tools of all instances wrote down. */
  readonly notebook: Notebook;
  /** Ends everything. Rejects if an instance had ended by itself, with what it wrote. */
  close(): Promise<void>;
}

/** Starts the instances one beside another and resolves when all of them serve. */
export async function startBed(options: BedOptions = {}): Promise<Bed> {
  const { instances: count = 2, platform = 'express', env = {} } = options;
  const program = await compiledFixture(options.program);
  const store = options.store ?? (await startStore());
  const notes = await mkdtemp(join(tmpdir(), 'notebook-'));
  const { platforms = [platform] } = options;
  const settings = { NOTEBOOK: notes, ...store.env, ...env };
  const instances: InstanceProcess[] = [];
  for (let index = 0; index < count; index++) {
    const own = { PLATFORM: platforms[index % platforms.length] as Platform, ...settings };
    instances.push(new InstanceProcess(index, await lastingPort(), program, own));
  }
  const proxy = new RoundRobinProxy(instances.map(({ port }) => port));

  const close = async (): Promise<void> => {
    await proxy.close();
    await Promise.all(instances.map((instance) => instance.kill('SIGKILL')));
    if (!options.store) await store.dispose();
    await rm(notes, { recursive: true, force: true });
    const failed = instances.find(({ failure }) => failure);
    if (failed?.failure) throw failed.failure;
  };
  try {
    const starts = await Promise.allSettled(instances.map((instance) => instance.start()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) throw failed.reason;
    return { url: await proxy.listen(), proxy, instances, store, notebook: new Notebook(notes), close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}
