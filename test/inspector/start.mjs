/**
 * `npm run inspect [sample | url] [auto | legacy | modern]`: starts a sample, by default 05, and the MCP Inspector beside it,
 * which opens in the browser and speaks the newest revision unless told otherwise. Given a URL it inspects the server there.
 * Ctrl+C ends both.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const inspector = join(
  import.meta.dirname,
  'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);

const [wanted = '05', era = 'auto'] = process.argv.slice(2);
const children = [];
// The Inspector remembers servers; the next run begins without.
const folder = await mkdtemp(join(tmpdir(), 'inspector-'));

if (!existsSync(inspector)) await end(start('npm', ['ci', '--no-audit', '--no-fund'], import.meta.dirname));
const url = /^https?:/.test(wanted) ? wanted : await startSample(wanted);
const shown = start(
  process.execPath,
  [inspector, '--web', '--transport', 'http', '--server-url', url, '--protocol-era', era],
  root,
  { MCP_INSPECTOR_SECRET_STORE: 'memory', MCP_STORAGE_DIR: folder },
);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => children.forEach((child) => child.kill('SIGTERM')));
}
await end(shown).catch((error) => console.error(error.message));
children.forEach((child) => child.kill('SIGTERM'));
await rm(folder, { recursive: true, force: true });

/** Resolves with the address that the sample names, and shows all it writes. */
function startSample(name) {
  const sample = start(process.execPath, ['sample/start.mjs', name], root, { PORT: '0' }, 'pipe');
  return new Promise((resolve, reject) => {
    sample.stdout.on('data', (text) => {
      process.stdout.write(text);
      const found = /http:\/\/127\.0\.0\.1:\d+\/[\w/-]+/.exec(String(text));
      if (found) resolve(found[0]);
    });
    sample.once('exit', () => reject(new Error('The sample has ended')));
  });
}

function start(command, args, cwd, env = {}, stdout = 'inherit') {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, 'inherit'],
  });
  children.push(child);
  return child;
}

function end(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0 || signal ? resolve() : reject(new Error(`${child.spawnfile} ended with ${code}`)),
    );
  });
}
