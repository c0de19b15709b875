/**
 * Tests that `npm test` leaves to `npm run test:all`: clients of others, the API reference, the Inspector in a browser, the
 * generators of the Nest CLI, the steps of a newcomer, a second Postgres, the peers of the benchmark, and the repetition on Fastify of tests in which the
 * platform has no part. Tests that have a short and a long form ask for `TEST_SCOPE` themselves.
 */
const isAll = process.env.TEST_SCOPE === 'all';

const heavy = [
  ...['clients/', 'docs/', 'inspector/', 'nest-cli/', 'newcomer/', 'postgres-18/', 'wrangler/'],
  'samples/bench-peers',
].map((path) => `<rootDir>/test/${path}`);

/** Folders of `test/e2e` where the platform is at work: requests, streams, and whatever Nest does around a route. */
const onPlatform =
  /^test\/e2e\/(auth|conversations|hostile|nest|operations|sessions|subscriptions|transport)\//;

/** Tests that `npm test` runs on a fetch handler, too. */
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

/**
 * Tests of what a fetch handler lacks (routes, prefixes, middleware, pipes and guards of the HTTP application, and its sockets)
 * or is told in another way (which of several servers, whose hosts).
 */
const withPlatformOnly =
  /^test\/e2e\/(fetch\/|nest\/|testing\/|auth\/(boot-errors|challenges|direct|metadata|own-guard|throttling)|hostile\/(early-refusals|pipelined|smuggling)|operations\/|servers\/|sessions\/(announcements|identity|limits|plain-stores|principals|users)|telemetry\/requests|tools\/(context|dto-pipes|published-schemas)|transport\/(access|cors|direct-mount|http2|kept-connections|landing-page|memory|nest-pipeline|repeated-headers|route|shutdown|wire))/;

const isOnFetch = (file) => (isAll ? !withPlatformOnly.test(file) : essentials.test(file));

/**
 * Tests of decisions behind the platform, made by the same code on each: how tokens are verified once they have been read from
 * a header; what a request state holds, where a call is parked and what its handler sees; how entries are collected and options
 * checked at start-up; what adapters and stores do, may lack or lose, and when a session expires. How such answers are sent, by
 * streams that open, break and are left, is in what stays: the matrices of callers, parked answers and streams, three worlds,
 * two instances, official clients, limits, leaks, handovers.
 */
const behindPlatform = new RegExp(
  `^test/e2e/(${[
    'auth/(boot-errors|expiry|hostile-tokens|introspection|keys|visibility)',
    'conversations/(caching|expiry|keys|lost-calls|once|parked-leaks|retries|secrets|state-binding|state-tampering|store-away)',
    'nest/(boot-errors|closing-failures|inheritance|invalid-options|provider-kinds)',
    'sessions/(adapter-options|asking-kinds|broken-store|capability-levels|expiry|forms|identity|no-session|plain-stores|retries|rolling|state|store-outages|versions|without-bus)',
    'subscriptions/visibility',
  ].join('|')})\\.`,
);

const isRepeated = (file) => isAll || (onPlatform.test(file) && !behindPlatform.test(file));

module.exports = { isAll, isRepeated, isOnFetch, heavy };
