import { takeViolations } from '../../support/wire.js';
import { readBaseline } from './baseline.js';
import { Fixture } from './fixture.js';
import { report } from './report.js';
import { REVISIONS, SETUPS, type Revision } from './setups.js';
import { runSuite } from './suite.js';
import { judge } from './verdict.js';

/** Words of names: `npm run conformance -- postgres nats`. */
const wanted = process.argv.slice(2);
const setups = SETUPS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

let isFine = true;
for (const setup of setups) {
  const fixture = await Fixture.start(setup);
  try {
    for (const revision of REVISIONS) {
      console.log(`${revision} on ${setup.name}`);
      isFine = (await check(fixture.url, revision)) && isFine;
    }
  } finally {
    await fixture.stop();
  }
}
process.exitCode = isFine ? 0 : 1;

async function check(url: string, revision: Revision): Promise<boolean> {
  const started = Date.now();
  const results = await runSuite(url, revision);
  const seconds = (Date.now() - started) / 1000;
  const baseline = await readBaseline(revision);
  const verdict = judge(results, baseline);
  // Requests at the proxy before several instances.
  const violations = takeViolations();
  console.log([...report(results, verdict, baseline), ...violations].join('\n'));
  console.log(`  took ${seconds.toFixed(1)} s`);
  return verdict.failed.length === 0 && verdict.stale.length === 0 && violations.length === 0;
}
