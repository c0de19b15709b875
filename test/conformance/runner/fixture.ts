import { RoundRobinProxy } from '../../multi-instance/bed/proxy.js';
import { FixtureProcess } from './fixture-process.js';
import type { Setup } from './setups.js';

/** The fixture as a set-up has it. */
export class Fixture {
  private constructor(
    private readonly processes: readonly FixtureProcess[],
    private readonly proxy: RoundRobinProxy | undefined,
    readonly url: string,
  ) {}

  /** Starts it on free ports. A set-up in memory needs no Redis. */
  static async start({ platform, store, instances }: Setup, redisUrl: string | undefined): Promise<Fixture> {
    const env = { PLATFORM: platform, ...(store === 'redis' && { REDIS_URL: redisUrl ?? '' }) };
    const processes: FixtureProcess[] = [];
    try {
      // One after another: the first compiles what the others run.
      for (let index = 0; index < instances; index++) processes.push(await FixtureProcess.start(env));
      const [first] = processes as [FixtureProcess];
      if (instances === 1) return new Fixture(processes, undefined, first.url);
      const proxy = new RoundRobinProxy(processes.map(({ url }) => Number(new URL(url).port)));
      return new Fixture(processes, proxy, await proxy.listen());
    } catch (error) {
      await stopAll(processes);
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.proxy?.close();
    await stopAll(this.processes);
  }
}

async function stopAll(processes: readonly FixtureProcess[]): Promise<void> {
  await Promise.all(processes.map((process) => process.stop()));
}
