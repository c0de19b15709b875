/**
 * Bundles a worker, runs it in workerd and prints where: `node serve.mjs <file> <options of Miniflare as JSON>`. Ends with
 * its input, so that it does not outlive the test that started it.
 */
import { Miniflare } from 'miniflare';
import { bundle } from './bundle.mjs';

const [file, options = '{}'] = process.argv.slice(2);
const { code } = await bundle(file);
const miniflare = new Miniflare({
  modules: true,
  script: code,
  compatibilityDate: '2026-04-01',
  compatibilityFlags: ['nodejs_compat'],
  // Else it asks for them in the network.
  cf: false,
  host: '127.0.0.1',
  port: 0,
  ...JSON.parse(options),
});
process.stdout.write(`${(await miniflare.ready).origin}\n`);
process.stdin.resume().once('end', async () => {
  await miniflare.dispose();
  process.exit(0);
});
