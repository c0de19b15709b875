const { default: Sequencer } = require('@jest/test-sequencer');

const isPackageTest = (test) => test.path.replaceAll('\\', '/').includes('/test/package/');

/** Package tests install npm packages and load the machine: they come after everything that measures time. */
module.exports = class PackageTestsLast extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter((test) => !isPackageTest(test)), ...sorted.filter(isPackageTest)];
  }
};
