/** `npm run bench:server -- --platform express|fastify --tools N --sessions none|memory|redis|postgres|nats --mount route|direct`: builds what is not up to date and runs the server. */
import { run } from '../../../sample/run.mjs';

await run('test/bench/server/main.js');
