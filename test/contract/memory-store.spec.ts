import { MemoryStore, MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import type { Store } from '../../lib/adapters/store.js';
import { DeafStore, EchoingStore, SlowStore } from './faulty-store.js';
import { adaptersKeepContracts } from './store.js';

const WAYS: Record<string, (store: Store) => Store> = {
  MemoryStore: (store) => store,
  'a store that takes its time': (store) => new SlowStore(store),
  'a store whose bells are half of them lost': (store) => new DeafStore(store),
  'a store that takes its time, and whose bells are half of them lost': (store) =>
    new SlowStore(new DeafStore(store)),
  'a store whose bells come late and twice': (store) => new EchoingStore(store),
};

for (const [name, wrap] of Object.entries(WAYS)) {
  adaptersKeepContracts(name, () => {
    const data = new MemoryStoreData();
    return () => wrap(new MemoryStore(data));
  });
}
