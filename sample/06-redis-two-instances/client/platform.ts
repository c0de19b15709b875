import { setTimeout as delay } from 'node:timers/promises';

/** The instances behind the load balancer, as the steps of the client need them. */
export class Platform {
  constructor(readonly url: URL) {}

  /** Resolves when two instances serve. */
  async settled(): Promise<void> {
    while ((await this.instances()).length < 2) await delay(100);
  }

  instances(): Promise<number[]> {
    return this.#ask('');
  }

  /** Ends an instance with SIGKILL. */
  async kill(instance: number): Promise<void> {
    console.log(`   instance ${instance} is killed`);
    await this.#ask(`/kill/${instance}`);
  }

  /** Replaces all instances, one after the other. Returns the new ones. */
  deploy(): Promise<number[]> {
    return this.#ask('/deploy');
  }

  async #ask(what: string): Promise<number[]> {
    const answer = await fetch(new URL(`/platform${what}`, this.url));
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as number[];
  }
}
