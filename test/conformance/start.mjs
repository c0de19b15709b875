/** `npm run conformance:server`: builds what is not up to date and starts the fixture on PORT; see everything.server.ts. */
import { build } from './build.mjs';
import { run } from '../../sample/run.mjs';

await build();
await run('test/conformance/everything.server.js');
