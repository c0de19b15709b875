import { readBaseline } from './baseline.js';
import { FixtureProcess } from './fixture-process.js';
import { report } from './report.js';
import { REVISIONS, SETUPS, type Revision } from './setups.js';
import { runSuite } from './suite.js';
import { judge } from './verdict.js';

let isFine = true;
for (const { name, env } of SETUPS) {
  const fixture = await FixtureProcess.start(env);
  try {
    for (const revision of REVISIONS) {
      console.log(`${revision} on ${name}`);
      isFine = (await check(fixture.url, revision)) && isFine;
    }
  } finally {
    await fixture.stop();
  }
}
process.exitCode = isFine ? 0 : 1;

async function check(url: string, revision: Revision): Promise<boolean> {
  const results = await runSuite(url, revision);
  const baseline = await readBaseline(revision);
  const verdict = judge(results, baseline);
  console.log(report(results, verdict, baseline).join('\n'));
  return verdict.failed.length === 0 && verdict.stale.length === 0;
}
