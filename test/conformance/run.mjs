/** `npm run conformance`: runs the official conformance suite against the fixture; fails on what baseline.json does not have. */
import { join } from 'node:path';
import { build } from './build.mjs';
import { run } from '../../sample/run.mjs';

process.chdir(join(import.meta.dirname, '..', '..'));
await build();
await run('test/conformance/runner/main.js');
