/** A promise with what settles it. Nobody has to look at how it ends. */
export class Deferred<T> {
  resolve!: (value: T) => void;
  reject!: (reason: Error) => void;

  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}
