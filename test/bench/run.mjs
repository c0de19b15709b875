/** `npm run bench`: our servers beside bare ones and peers; README.md says what is measured and how. */
import { performance } from 'node:perf_hooks';
import { buildSamples } from '../../sample/build.mjs';
import { measureCells } from './cells.mjs';
import { readOptions } from './options.mjs';
import { installPeers } from './peers/install.mjs';
import { stopAll } from './processes.mjs';
import { readResults, saveResult } from './report/results.mjs';
import { report } from './report/report.mjs';
import { SERVERS } from './servers.mjs';
import { startStore } from './store-servers.mjs';
import { HTTP_WORKLOADS } from './workloads/http.mjs';
import { SCRIPT_WORKLOADS } from './workloads/scripts.mjs';
import { TALK_WORKLOADS } from './workloads/talks.mjs';

const WORKLOADS = [...HTTP_WORKLOADS, ...TALK_WORKLOADS, ...SCRIPT_WORKLOADS];

const options = readOptions();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', stopAll);

assertKnown(
  'workload',
  options.only,
  WORKLOADS.map(({ name }) => name),
);
assertKnown('server', options.servers, Object.keys(SERVERS));
if (options.list) {
  console.log(`Workloads: ${WORKLOADS.map(({ name }) => name).join(' ')}`);
  console.log(`Servers: ${Object.keys(SERVERS).join(' ')}`);
} else {
  if (!options.print) await measure();
  console.log(report(readResults(), WORKLOADS));
}

async function measure() {
  await buildSamples();
  installPeers();
  const wanted = WORKLOADS.filter(({ name }) => options.only?.includes(name) ?? true);
  for (const [index, workload] of wanted.entries()) {
    const started = performance.now();
    console.error(`${index + 1}/${wanted.length} ${workload.title}`);
    try {
      const env = workload.store ? await startStore(workload.store) : {};
      const result = await (workload.measure ?? measureCells)(workload, options, env);
      saveResult(workload.name, { ...result, rounds: options.rounds, seconds: options.seconds });
    } catch (error) {
      // One workload that fails leaves the others their results; it is missing from the report.
      console.error(`  failed: ${error.stack}`);
      process.exitCode = 1;
    } finally {
      stopAll();
    }
    console.error(`  ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
}

function assertKnown(kind, wanted = [], known) {
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Error(`There is no ${kind} "${unknown}"; there are ${known.join(' ')}`);
}
