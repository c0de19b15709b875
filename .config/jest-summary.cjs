const { randomUUID } = require('node:crypto');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * Ends a run with one plain line for readers of a long log from its end, or leaves the figures in the folder
 * `TEST_RESULTS` for a script that adds up several runs.
 */
module.exports = class Summary {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const folder = process.env.TEST_RESULTS;
    if (folder) {
      writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify({ passed, failed, skipped }));
      return;
    }
    // Jest's own summary is written after every other reporter has finished.
    process.once('exit', () => {
      process.stdout.write(
        `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
      );
    });
  }
};
