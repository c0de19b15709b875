import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** Runs a program to its end and gives back what it wrote; throws with that text if it did not succeed. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 240_000 });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}\n${output}`);
  return output;
}

/** A folder outside the project, so that nothing is found in the project's own node_modules by accident. */
export function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'nestjs-mcp-adapters-'));
}

/** Packs what `npm run build` made, as it would be published, and gives the path of the tarball. */
export async function packTarball(folder: string): Promise<string> {
  refuseStaleBuild();
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack left no tarball');
  return join(folder, tarball);
}

function refuseStaleBuild(): void {
  const built = join(root, 'dist/esm/index.js');
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...sources.map((file) => statSync(join(root, 'lib', file)).mtimeMs));
  if (!existsSync(built) || statSync(built).mtimeMs < newest) {
    throw new Error('dist/ is missing or older than lib/: run `npm run build` first');
  }
}
