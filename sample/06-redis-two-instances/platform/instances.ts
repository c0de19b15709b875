import { Instance } from './instance.js';

/** How many there are to be. */
const WANTED = 2;

/** Keeps as many instances as wanted, and replaces them: what an orchestrator does. */
export class Instances {
  readonly #running = new Set<Instance>();
  /** Those that get requests. */
  readonly #ready: Instance[] = [];
  #count = 0;
  #turn = 0;
  #isStopping = false;

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** Numbers of those that get requests. */
  get numbers(): number[] {
    return this.#ready.map(({ number }) => number);
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: WANTED }, () => this.#add()));
  }

  /** The next one in turn. No request has to go where the one before it went. */
  next(): Instance | undefined {
    return this.#ready[this.#turn++ % this.#ready.length];
  }

  /** Ends an instance without a word, as a crash does. */
  async kill(number: number): Promise<void> {
    await this.#ready.find((instance) => instance.number === number)?.stop('SIGKILL');
  }

  /** Replaces one instance after another: first there is a new one, then the old one gets no requests and ends in order. */
  async deploy(): Promise<void> {
    for (const old of [...this.#ready]) {
      await this.#add();
      this.#takeOut(old);
      console.log(`Instance ${old.number} gets SIGTERM`);
      await old.stop('SIGTERM');
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#running].map((instance) => instance.stop('SIGTERM')));
  }

  async #add(): Promise<void> {
    const instance = new Instance(++this.#count, this.env);
    this.#running.add(instance);
    instance.ended.then(() => this.#replace(instance)).catch(console.error);
    await instance.ready();
    this.#ready.push(instance);
    console.log(`Instance ${instance.number} serves`);
  }

  async #replace(ended: Instance): Promise<void> {
    this.#running.delete(ended);
    const wasReady = this.#takeOut(ended);
    if (!this.#isStopping) console.log(`Instance ${ended.number} has ended`);
    if (wasReady && !this.#isStopping) await this.#add();
  }

  #takeOut(instance: Instance): boolean {
    const place = this.#ready.indexOf(instance);
    if (place >= 0) this.#ready.splice(place, 1);
    return place >= 0;
  }
}
