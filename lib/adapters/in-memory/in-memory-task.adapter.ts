import { StoreTaskAdapter, type StoreTaskAdapterOptions } from '../store/store-task.adapter.js';
import { MemoryStore, MemoryStoreData } from './memory-store.js';

/**
 * Keeps tasks in this process: for one instance and for tests. They are gone when it ends.
 *
 * @publicApi
 */
export class InMemoryTaskAdapter extends StoreTaskAdapter {
  /** Give several the same `data` to let them stand for several instances. */
  constructor(options: StoreTaskAdapterOptions = {}, data = new MemoryStoreData()) {
    super(new MemoryStore(data), options);
  }
}
