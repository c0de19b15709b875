/** Places of tasks that run at one instance. */
export class TaskPlaces {
  readonly #taken = new Map<string, number>();
  #size = 0;

  constructor(
    private readonly max: number,
    private readonly maxPerCaller: number,
  ) {}

  /** @returns what gives the place back; `undefined` if there is none for this caller */
  take(caller: string): (() => void) | undefined {
    const count = this.#taken.get(caller) ?? 0;
    if (this.#size >= this.max || count >= this.maxPerCaller) return undefined;
    this.#size++;
    this.#taken.set(caller, count + 1);
    return () => {
      this.#size--;
      const left = (this.#taken.get(caller) ?? 1) - 1;
      if (left > 0) this.#taken.set(caller, left);
      else this.#taken.delete(caller);
    };
  }
}
