const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * When a file has its turn, if not in the usual order. The longest by far comes first, so that nobody waits for it in the
 * end; package tests install npm packages and load the machine: they come after everything that measures time.
 */
const turns = [
  ['/test/multi-instance/chaos/chaos.spec.ts', -1],
  ['/test/package/', 1],
];

const turnOf = ({ path }) => {
  const normal = path.replaceAll('\\', '/');
  return turns.find(([part]) => normal.includes(part))?.[1] ?? 0;
};

module.exports = class InTurn extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => turnOf(a) - turnOf(b));
  }
};
