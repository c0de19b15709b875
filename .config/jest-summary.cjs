/** Ends a run with one plain line for whoever reads a long log from its end. */
module.exports = class Summary {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const suffix = skipped > 0 ? `, ${skipped} skipped` : '';
    // Jest's own summary is written after every other reporter has finished.
    process.once('exit', () => {
      process.stdout.write(`${results.numPassedTests} passed, ${failed} failed${suffix}\n`);
    });
  }
};
