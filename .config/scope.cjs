/**
 * What `npm test` leaves to `npm run test:all`: clients of others, the Inspector in a browser, the generators of the Nest
 * CLI, a second Postgres, and what is repeated on Fastify although the platform has no part in it. Tests that have a short and a long form ask
 * for `TEST_SCOPE` themselves.
 */
const isAll = process.env.TEST_SCOPE === 'all';

const heavy = [
  ...[
    '<rootDir>/test/clients/',
    '<rootDir>/test/inspector/',
    '<rootDir>/test/nest-cli/',
    '<rootDir>/test/docs/',
  ],
  '<rootDir>/test/postgres-18/',
];

/** Folders of `test/e2e` where the platform is at work: requests, streams, and whatever Nest does around a route. */
const onPlatform =
  /^test\/e2e\/(auth|conversations|hostile|nest|operations|sessions|subscriptions|transport)\//;

const isRepeated = (file) => isAll || onPlatform.test(file);

module.exports = { isAll, isRepeated, heavy };
