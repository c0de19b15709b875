/** Workloads with a measure of their own. */
import { deliver } from './deliver.mjs';
import { measureMemory } from './memory.mjs';
import { measureScaling } from './scaling.mjs';

export const SCRIPT_WORKLOADS = [
  { name: 'deliver', title: 'append and deliver, two instances on Redis', measure: deliver, store: 'redis' },
  { name: 'memory', title: 'memory', measure: measureMemory },
  { name: 'scaling', title: 'cost with many sessions and tools', measure: measureScaling },
];
