import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../../lib/adapters/adapter-unavailable.error.js';
import {
  Store,
  type BellListener,
  type LogPosition,
  type LogSlice,
  type StoreKey,
} from '../../lib/adapters/store.js';

type Only = readonly string[];

/** Another store with everything passed on, to be overridden. */
export class WrappedStore extends Store {
  override readonly backstopMs: number = 50;

  constructor(protected readonly inner: Store) {
    super();
  }

  override read(key: StoreKey, only?: Only) {
    return this.call(() => this.inner.read(key, only));
  }
  override write(...args: Parameters<Store['write']>) {
    return this.call(() => this.inner.write(...args));
  }
  override assign(...args: Parameters<Store['assign']>) {
    return this.call(() => this.inner.assign(...args));
  }
  override touch(...args: Parameters<Store['touch']>) {
    return this.call(() => this.inner.touch(...args));
  }
  override remove(...args: Parameters<Store['remove']>) {
    return this.call(() => this.inner.remove(...args));
  }
  override append(...args: Parameters<Store['append']>) {
    return this.call(() => this.inner.append(...args));
  }
  override entries(key: StoreKey, tag: string, after: LogPosition | undefined, limit: number) {
    return this.call<LogSlice | undefined>(() => this.inner.entries(key, tag, after, limit));
  }
  override trim(...args: Parameters<Store['trim']>) {
    return this.call(() => this.inner.trim(...args));
  }
  override listen(key: StoreKey, ring: BellListener) {
    return this.call(() => this.inner.listen(key, ring));
  }
  override ping() {
    return this.call(() => this.inner.ping());
  }
  override close() {
    return this.inner.close();
  }

  protected call<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}

/** Effect of an operation: nothing at all, or everything but the reply. */
export type OperationFault = 'request lost' | 'reply lost';

/** An operation may fail, before or after it is done. */
export class UnreliableStore extends WrappedStore {
  /** Asked before each operation, which are counted from when this is set. */
  #fault: ((count: number) => OperationFault | undefined) | undefined;
  #count = 0;

  /** Operations since the latest `failWhere`. */
  get count(): number {
    return this.#count;
  }

  failWhere(fault?: (count: number) => OperationFault | undefined): void {
    this.#count = 0;
    this.#fault = fault;
  }

  protected override async call<T>(work: () => Promise<T>): Promise<T> {
    const fault = this.#fault?.(++this.#count);
    if (fault === 'request lost') throw new AdapterUnavailableError('The request was lost');
    const result = await work();
    if (fault) throw new AdapterUnavailableError('The reply was lost');
    return result;
  }
}

/** As over a network: requests and replies take a while, each a different one. */
export class SlowStore extends WrappedStore {
  protected override async call<T>(work: () => Promise<T>): Promise<T> {
    await delay(Math.random() * 3);
    const result = await work();
    await delay(Math.random() * 3);
    return result;
  }
}

/** Every other bell is not heard. */
export class DeafStore extends WrappedStore {
  #count = 0;

  override listen(key: StoreKey, ring: BellListener) {
    return super.listen(key, (bell) => {
      if (++this.#count % 2 === 0) ring(bell);
    });
  }
}

/** Bells come late, and some twice. */
export class EchoingStore extends WrappedStore {
  override listen(key: StoreKey, ring: BellListener) {
    let isOver = false;
    const later = (bell: Parameters<BellListener>[0]) =>
      setTimeout(() => !isOver && ring(bell), Math.random() * 10);
    return super
      .listen(key, (bell) => {
        later(bell);
        if (Math.random() < 0.5) later(bell);
      })
      .then((stop) => () => {
        isOver = true;
        stop();
      });
  }
}
