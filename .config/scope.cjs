/**
 * What `npm test` leaves to `npm run test:all`: clients of others, the API reference, the Inspector in a browser, the
 * generators of the Nest CLI, what a newcomer does, a second Postgres, and what is repeated on Fastify although the
 * platform has no part in it. Tests that have a short and a long form ask for `TEST_SCOPE` themselves.
 */
const isAll = process.env.TEST_SCOPE === 'all';

const heavy = ['clients', 'docs', 'inspector', 'nest-cli', 'newcomer', 'postgres-18'].map(
  (folder) => `<rootDir>/test/${folder}/`,
);

/** Folders of `test/e2e` where the platform is at work: requests, streams, and whatever Nest does around a route. */
const onPlatform =
  /^test\/e2e\/(auth|conversations|hostile|nest|operations|sessions|subscriptions|transport)\//;

const isRepeated = (file) => isAll || onPlatform.test(file);

module.exports = { isAll, isRepeated, heavy };
