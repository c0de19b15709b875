import { afterAll } from '@jest/globals';
import { MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import { storeContract } from '../../lib/testing/index.js';
import { leakedByStores, storeFaults } from './broken-stores.js';
import { noticesFaults } from './notices-faults.js';

noticesFaults('storeContract', storeContract, storeFaults, () => new MemoryStoreData());

afterAll(() => {
  for (const timer of leakedByStores) clearInterval(timer);
});
