/**
 * What `npm test` leaves to `npm run test:all`: clients of others, the Inspector in a browser, the generators of the Nest
 * CLI, a second Postgres. Tests that have a short and a long form ask `isAll` themselves.
 */
const isAll = process.env.TEST_SCOPE === 'all';

const heavy = [
  ...['<rootDir>/test/clients/', '<rootDir>/test/inspector/', '<rootDir>/test/nest-cli/'],
  '<rootDir>/test/postgres-18/',
];

module.exports = { isAll, heavy };
