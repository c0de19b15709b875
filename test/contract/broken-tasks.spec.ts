import { MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import { taskContract } from '../../lib/testing/index.js';
import { taskFaults } from './broken-tasks.js';
import { noticesFaults } from './notices-faults.js';

noticesFaults('taskContract', taskContract, taskFaults, () => new MemoryStoreData());
