import { RoundRobinProxy } from '../../multi-instance/bed/proxy.js';
import { startStore, type StoreServer } from '../../support/stores.js';
import { FixtureProcess } from './fixture-process.js';
import type { Setup } from './setups.js';

/** The fixture as a set-up has it. */
export class Fixture {
  private constructor(
    private readonly processes: readonly FixtureProcess[],
    private readonly proxy: RoundRobinProxy | undefined,
    private readonly store: StoreServer | undefined,
    readonly url: string,
  ) {}

  /** Starts it on free ports, with a store of its own if the set-up has one. */
  static async start({ platform, store: name, instances }: Setup): Promise<Fixture> {
    const store = name === 'memory' ? undefined : await startStore(name);
    const env = { PLATFORM: platform, ...store?.env };
    const processes: FixtureProcess[] = [];
    try {
      // One after another: the first compiles what the others run.
      for (let index = 0; index < instances; index++) processes.push(await FixtureProcess.start(env));
      const [first] = processes as [FixtureProcess];
      if (instances === 1) return new Fixture(processes, undefined, store, first.url);
      const proxy = new RoundRobinProxy(processes.map(({ url }) => Number(new URL(url).port)));
      return new Fixture(processes, proxy, store, await proxy.listen());
    } catch (error) {
      await stopAll(processes);
      await store?.dispose();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.proxy?.close();
    await stopAll(this.processes);
    await this.store?.dispose();
  }
}

async function stopAll(processes: readonly FixtureProcess[]): Promise<void> {
  await Promise.all(processes.map((process) => process.stop()));
}
