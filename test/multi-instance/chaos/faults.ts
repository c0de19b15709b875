import { setTimeout as delay } from 'node:timers/promises';
import type { Bed } from '../bed/bed.js';
import type { Outages, Part } from './outages.js';
import type { Fault, FaultKind } from './plan/plan.js';

const CUTS: Readonly<Partial<Record<FaultKind, readonly string[]>>> = {
  'cut commands': ['normal'],
  'cut messages': ['pubsub'],
  'cut everything': ['normal', 'pubsub'],
};

const STALL_MS = 500;

/** Breaks things as planned, and repairs them. */
export class Faults {
  readonly counts: Partial<Record<FaultKind, number>> = {};
  readonly #away = new Set<Part>();
  readonly #repairs: Promise<void>[] = [];

  constructor(
    private readonly bed: Bed,
    private readonly outages: Outages,
    private readonly log: (line: string) => void,
  ) {}

  /** Resolves when the plan is at its end or the signal aborted, and all is repaired. */
  async carryOut(plan: Iterable<Fault>, signal: AbortSignal): Promise<void> {
    for (const fault of plan) {
      await delay(fault.pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      const repaired = this.#inflict(fault);
      this.#repairs.push(repaired);
      if (fault.isAwaited) await repaired;
    }
    await Promise.all(this.#repairs);
  }

  async #inflict({ kind, instances, downMs }: Fault): Promise<void> {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.log(`${kind}${instances.length > 0 ? ` ${instances.join(', ')}` : ''}, down for ${downMs} ms`);
    switch (kind) {
      case 'kill':
      case 'kill two':
      case 'kill all':
        await Promise.all(instances.map((index) => this.#restart(index, 'SIGKILL', downMs)));
        return;
      case 'terminate':
        await Promise.all(instances.map((index) => this.#restart(index, 'SIGTERM', downMs)));
        return;
      case 'stop Redis':
        return this.#restartRedis('SIGTERM', downMs);
      case 'kill Redis':
        return this.#restartRedis('SIGKILL', downMs);
      case 'stall Redis':
        return this.#stallRedis(STALL_MS + downMs);
      default:
        for (const type of CUTS[kind] ?? []) this.#cut(type);
    }
  }

  async #restart(index: number, signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<void> {
    const instance = this.bed.instances[index];
    const part = `instance ${index}` as const;
    // It may be away because of the fault before.
    if (!instance || this.#away.has(part)) return;
    this.#away.add(part);
    this.outages.begin(part, instance.pid);
    await instance.kill(signal);
    await delay(downMs);
    // It does not start without Redis.
    while (this.#away.has('redis')) await delay(50);
    await instance.start();
    this.outages.end(part);
    this.#away.delete(part);
  }

  async #restartRedis(signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<void> {
    if (this.#away.has('redis')) return;
    this.#away.add('redis');
    this.outages.begin('redis');
    await this.bed.redis.stop(signal);
    await delay(downMs);
    await this.bed.redis.start();
    this.outages.end('redis');
    this.#away.delete('redis');
  }

  /** It takes commands, and does nothing until it is over. */
  async #stallRedis(forMs: number): Promise<void> {
    if (this.#away.has('redis')) return;
    this.#away.add('redis');
    this.outages.begin('redis');
    this.bed.redis.cli('CLIENT', 'PAUSE', String(forMs), 'ALL');
    await delay(forMs);
    this.outages.end('redis');
    this.#away.delete('redis');
  }

  #cut(type: string): void {
    // Nothing is there to be cut while Redis is down.
    if (!this.#away.has('redis')) this.bed.redis.cli('CLIENT', 'KILL', 'TYPE', type);
  }
}
