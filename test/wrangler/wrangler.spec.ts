import { beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment, root } from '../samples/support.js';
import { installIn } from '../support/install.js';

const run = promisify(execFile);
const folder = import.meta.dirname;

beforeAll(async () => {
  await installIn(folder);
  const build = "import('./sample/build.mjs').then(({ buildSamples }) => buildSamples())";
  await run(process.execPath, ['--input-type=module', '--eval', build], { cwd: root });
}, 300_000);

it('bundles the worker as a deployment does, without what generates or limits code', async () => {
  const output = await mkdtemp(join(tmpdir(), 'wrangler-'));
  try {
    const { stdout } = await run(
      process.execPath,
      [
        ...[join(folder, 'node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--minify'],
        ...['--outdir', output],
      ],
      {
        cwd: join(root, 'sample/13-cloudflare-worker'),
        env: { ...environment(), WRANGLER_SEND_METRICS: 'false' },
      },
    );
    expect(stdout).toMatch(/env\.MCP_STORE \(McpStoreObject\)/);
    const [, kibibytes] = /gzip: ([\d.]+) KiB/.exec(stdout) ?? [];
    expect(Number(kibibytes) * 1.024).toBeLessThan(250);
    const worker = await readFile(join(output, 'worker.js'), 'utf8');
    expect(worker).toContain('McpStoreObject');
    expect(worker).not.toMatch(/["']node:vm["']|json-schema\.org\/draft\/2020-12\/vocab/);
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}, 120_000);
