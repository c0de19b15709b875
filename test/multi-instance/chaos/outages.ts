/** Parts that may be away. */
export type Part = 'store' | `instance ${number}`;

export interface Outage {
  readonly part: Part;
  readonly from: number;
  /** The process that went. */
  readonly pid: number | undefined;
  /** `Infinity` while it lasts. */
  to: number;
}

/** When which part of the system was away, in milliseconds of one clock. */
export class Outages {
  readonly all: Outage[] = [];

  begin(part: Part, pid?: number, at = Date.now()): void {
    this.all.push({ part, pid, from: at, to: Infinity });
  }

  end(part: Part, at = Date.now()): void {
    for (const outage of this.all) if (outage.part === part && outage.to === Infinity) outage.to = at;
  }

  /** Finds the parts that were away at some time between the two, or had just come back. */
  between(from: number, to: number, marginMs = 0): Outage[] {
    return this.all.filter((each) => each.from <= to && each.to + marginMs >= from);
  }

  /** How long somebody who began to wait at `from` has waited for a system that was whole all the time, as of `now`. */
  waited(from: number, now: number): number {
    const seen = this.all.filter((each) => each.from <= now && each.to >= from);
    const wholeSince = Math.max(from, ...seen.map(({ to }) => to));
    return Math.max(now - wholeSince, 0);
  }
}
