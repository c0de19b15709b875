/**
 * Builds dist/esm and dist/cjs. Both hold the same modules; Node loads the first one for `import` and `require` alike
 * (condition "module-sync"), the second is for tools that can only load CommonJS.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { withTabs } from './compact.mjs';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/bin/tsc');
const ts = require('typescript');

const formats = [
  { folder: 'esm', type: 'module' },
  { folder: 'cjs', type: 'commonjs' },
];

async function build({ folder, type }) {
  const output = join(root, 'dist', folder);
  await mkdir(output, { recursive: true });
  // The root says that scripts are ES modules, and what `#schema-engine` is; nothing of that holds for the fallback.
  if (type === 'commonjs') await writeFile(join(output, 'package.json'), '{"type":"commonjs"}\n');
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
for (const { folder } of formats) {
  for (const file of await readdir(join(root, 'dist', folder), { recursive: true })) {
    const path = join(root, 'dist', folder, file);
    if (file.endsWith('.d.ts')) await writeFile(path, compactTypes(await readFile(path, 'utf8')));
    if (file.endsWith('.js')) await writeFile(path, compact(await readFile(path, 'utf8'), folder));
  }
}

// The types are the same: those of the fallback are copied, with the comments that its scripts leave out.
await cp(join(root, 'dist/esm'), join(root, 'dist/cjs'), {
  recursive: true,
  filter: async (file) => file.endsWith('.d.ts') || (await stat(file)).isDirectory(),
});

/** Declarations as editors show them; what no application can name goes without its comments. */
function compactTypes(declarations) {
  if (declarations.includes('@publicApi')) return declarations;
  return declarations.replace(/^[ \t]*\/\*\*[^]*?\*\/\n/gm, '');
}

/** A script without comments, indented with tabs. */
function compact(code, folder) {
  // Only tools for Node load the fallback.
  if (folder === 'cjs') return withTabs(code.replaceAll('"#schema-engine"', '"./ajv-engine.js"'));
  const compilerOptions = { target: 'ESNext', module: 'ESNext', removeComments: true };
  return withTabs(ts.transpileModule(code, { compilerOptions, fileName: 'script.js' }).outputText);
}
