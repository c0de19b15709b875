/**
 * Bundles workers, runs them in workerd and prints where: `node serve.mjs <workers as JSON> <other options of Miniflare>`. A
 * worker has the options of Miniflare, and a `file`. Ends with its input, so that it does not outlive the test that started it.
 */
import { Miniflare } from 'miniflare';
import { bundle } from './bundle.mjs';

const [workers, options = '{}'] = process.argv.slice(2);

async function toWorker({ file, ...worker }) {
  return {
    // Named, as Nest imports what it may have by expressions.
    modules: [{ type: 'ESModule', path: 'worker.js', contents: (await bundle(file)).code }],
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    ...worker,
  };
}

const miniflare = new Miniflare({
  // Else it asks for them in the network.
  cf: false,
  host: '127.0.0.1',
  port: 0,
  workers: await Promise.all(JSON.parse(workers).map(toWorker)),
  ...JSON.parse(options),
});
process.stdout.write(`${(await miniflare.ready).origin}\n`);
process.stdin.resume().once('end', async () => {
  await miniflare.dispose();
  process.exit(0);
});
