import { setTimeout as delay } from 'node:timers/promises';
import type { Cut, StoreServer } from '../../support/stores.js';
import type { Bed } from '../bed/bed.js';
import type { Outages, Part } from './outages.js';
import type { Fault, FaultKind } from './plan/plan.js';

const CUTS: Readonly<Partial<Record<FaultKind, Cut>>> = {
  'cut commands': 'commands',
  'cut messages': 'messages',
  'cut everything': 'everything',
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
      case 'stop store':
        return this.#restartStore('SIGTERM', downMs);
      case 'kill store':
        return this.#restartStore('SIGKILL', downMs);
      case 'stall store':
        return this.#stallStore(STALL_MS + downMs);
      default:
        return this.#cut(kind);
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
    // Also without its store: it waits for that.
    await instance.start();
    this.outages.end(part);
    this.#away.delete(part);
  }

  async #restartStore(signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<void> {
    if (this.#away.has('store')) return;
    this.#away.add('store');
    this.outages.begin('store');
    await this.bed.store.stop(signal);
    await delay(downMs);
    await this.bed.store.start();
    this.outages.end('store');
    this.#away.delete('store');
  }

  /** It takes commands, and does nothing until it is over. */
  async #stallStore(forMs: number): Promise<void> {
    if (this.#away.has('store')) return;
    this.#away.add('store');
    this.outages.begin('store');
    await this.bed.store.stall(forMs);
    this.outages.end('store');
    this.#away.delete('store');
  }

  async #cut(kind: FaultKind): Promise<void> {
    const cut = cutOf(kind, this.bed.store);
    // Nothing is there to be cut while the store is down.
    if (!this.#away.has('store')) await cut?.();
  }
}

/** Checks whether a store can break in this way. */
export function isPossible(kind: FaultKind, store: StoreServer): boolean {
  return !(kind in CUTS) || cutOf(kind, store) !== undefined;
}

function cutOf(kind: FaultKind, { cuts }: StoreServer): (() => Promise<void>) | undefined {
  const what = CUTS[kind];
  return what && cuts[what];
}
