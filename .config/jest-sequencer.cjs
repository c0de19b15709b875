const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Files that take long although they are small, the longest first, so that the run does not end with one. The rest has its
 * turn in the usual order, large files before small ones.
 */
const first = [
  '/test/multi-instance/chaos/',
  '/test/contract/redis',
  '/test/e2e/hostile/fuzz',
  '/test/package/consumers',
  '/test/contract/',
  '/test/transcripts/',
  '/test/e2e/sessions/leaks',
  '/test/conformance/',
  '/test/tasks/',
  '/test/e2e/sessions/expiry',
  '/test/redis/',
  '/test/multi-instance/',
  '/test/samples/',
];

const turnOf = ({ path }) => {
  const normal = path.replaceAll('\\', '/');
  const turn = first.findIndex((part) => normal.includes(part));
  return turn < 0 ? first.length : turn;
};

module.exports = class InTurn extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => turnOf(a) - turnOf(b));
  }
};
