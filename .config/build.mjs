/**
 * Builds dist/esm and dist/cjs. Both hold the same modules; Node loads the first one for `import` and `require` alike
 * (condition "module-sync"), the second is for tools that can only load CommonJS.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/bin/tsc');
const ts = require('typescript');

/** Hosts that refuse to generate code have values checked by an interpreter, which is all that is bundled for them. */
const INTERPRETED = './schema/interpreter-engine.js';

const imports = {
  '#schema-engine': {
    workerd: INTERPRETED,
    'edge-light': INTERPRETED,
    default: './schema/ajv-engine.js',
  },
};

const formats = [
  { folder: 'esm', type: 'module' },
  { folder: 'cjs', type: 'commonjs' },
];

async function build({ folder, type }) {
  const output = join(root, 'dist', folder);
  await mkdir(output, { recursive: true });
  await writeFile(join(output, 'package.json'), `${JSON.stringify({ type, sideEffects: false, imports })}\n`);
  const project = join(root, '.config', `tsconfig.${folder}.json`);
  const compiler = spawn(process.execPath, [tsc, '--project', project], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise((resolve, reject) => {
    compiler.once('error', reject);
    compiler.once('exit', resolve);
  });
  return code === 0 ? undefined : folder;
}

await rm(join(root, 'dist'), { recursive: true, force: true });
const failed = (await Promise.all(formats.map(build))).filter((folder) => folder !== undefined);
if (failed.length > 0) {
  console.error(`build: ${failed.join(' and ')} failed`);
  process.exit(1);
}

// Comments are for readers of the declarations; scripts do without them, which keeps the package small.
for (const file of await readdir(join(root, 'dist/esm'), { recursive: true })) {
  if (!file.endsWith('.js')) continue;
  const path = join(root, 'dist/esm', file);
  const compilerOptions = { target: 'ESNext', module: 'ESNext', removeComments: true };
  const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
    compilerOptions,
    fileName: path,
  });
  await writeFile(path, outputText);
}

// The types are the same: those of the fallback are copied, with the comments that its scripts leave out.
await cp(join(root, 'dist/esm'), join(root, 'dist/cjs'), {
  recursive: true,
  filter: async (file) => file.endsWith('.d.ts') || (await stat(file)).isDirectory(),
});
