/** A promise with its `resolve` and `reject`. A rejection without a handler is no error. */
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
