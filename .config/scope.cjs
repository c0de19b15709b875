/**
 * What `npm test` leaves to `npm run test:all`: clients of others, the API reference, the Inspector in a browser, the
 * generators of the Nest CLI, what a newcomer does, a second Postgres, and what is repeated on Fastify although the
 * platform has no part in it. Tests that have a short and a long form ask for `TEST_SCOPE` themselves.
 */
const isAll = process.env.TEST_SCOPE === 'all';

const heavy = ['clients', 'docs', 'inspector', 'nest-cli', 'newcomer', 'postgres-18', 'wrangler'].map(
  (folder) => `<rootDir>/test/${folder}/`,
);

/** Folders of `test/e2e` where the platform is at work: requests, streams, and whatever Nest does around a route. */
const onPlatform =
  /^test\/e2e\/(auth|conversations|hostile|nest|operations|sessions|subscriptions|transport)\//;

/** What `npm test` runs on a fetch handler, too. */
const essentials = new RegExp(
  `^test/e2e/(${[
    'transport/(answers|batch|body-limits|cancellation|eras|initialize|malformed|quiet-calls|refusals|streams)',
    'conversations/(leaving|parked-answers|replayed)',
    'sessions/(asking|cancellation|endings|listening|post-streams)',
    'subscriptions/(listening|slow-readers)',
    'auth/modern-matrix',
    'hostile/bodies',
  ].join('|')})\\.`,
);

/** What cannot be on a fetch handler: routes, prefixes, middleware and guards of the HTTP application, and its sockets. */
const withPlatformOnly =
  /^test\/e2e\/(fetch\/|nest\/|testing\/|auth\/(boot-errors|challenges|direct|metadata|own-guard|throttling)|hostile\/(early-refusals|pipelined|smuggling)|operations\/|sessions\/(announcements|identity|limits|plain-stores|principals|users)|telemetry\/requests|transport\/(access|cors|direct-mount|http2|kept-connections|landing-page|memory|nest-pipeline|repeated-headers|route|shutdown|wire))/;

const isOnFetch = (file) => (isAll ? !withPlatformOnly.test(file) : essentials.test(file));

/** Lifetimes of sessions pass as they do on any platform, and take as long. */
const isOfTime = /^test\/e2e\/sessions\/expiry\./;

const isRepeated = (file) => isAll || (onPlatform.test(file) && !isOfTime.test(file));

module.exports = { isAll, isRepeated, isOnFetch, heavy };
