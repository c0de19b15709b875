import type { LedgerLine } from '../../fixture/chaos/ledger.js';

/** The ledger, by whom it is about. */
export class Notes {
  readonly #byMark = new Map<string, LedgerLine[]>();

  constructor(ledger: readonly LedgerLine[]) {
    for (const line of ledger) {
      const lines = this.#byMark.get(line.mark) ?? [];
      this.#byMark.set(line.mark, [...lines, line]);
    }
  }

  of(mark: string): readonly LedgerLine[] {
    return this.#byMark.get(mark) ?? [];
  }

  /** Numbers of the messages that the server took, after some time. */
  accepted(mark: string, after = 0): ReadonlySet<number> {
    return this.#numbers(mark, ['accepted'], after);
  }

  /** Numbers of the messages that it may have taken. A killed handler has noted nothing of its last one. */
  attempted(mark: string): ReadonlySet<number> {
    const noted = this.#numbers(mark, ['accepted', 'rejected']);
    return noted.add(Math.max(0, ...noted) + 1);
  }

  /** The processes that ran it. */
  runners(mark: string): number[] {
    return this.of(mark)
      .filter(({ what }) => what === 'started')
      .map(({ pid }) => pid);
  }

  #numbers(mark: string, what: readonly LedgerLine['what'][], after = 0): Set<number> {
    const lines = this.of(mark).filter((line) => what.includes(line.what) && line.at > after);
    return new Set(lines.flatMap(({ number }) => (number === undefined ? [] : [number])));
  }
}
