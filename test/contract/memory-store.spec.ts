import { MemoryStore, MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import type { Store } from '../../lib/adapters/store.js';
import { DeafStore, EchoingStore, SlowStore } from './faulty-store.js';
import { adaptersKeepContracts, storeKeepsContract } from './store.js';

const WAYS: Record<string, (store: Store) => Store> = {
  MemoryStore: (store) => store,
  'a store that takes its time, and whose bells are half of them lost': (store) =>
    new SlowStore(new DeafStore(store)),
  'a store whose bells come late and twice': (store) => new EchoingStore(store),
};

for (const [name, wrap] of Object.entries(WAYS)) {
  const emptyStore = () => {
    const data = new MemoryStoreData();
    return () => wrap(new MemoryStore(data));
  };
  storeKeepsContract(name, emptyStore);
  adaptersKeepContracts(name, emptyStore);
}
