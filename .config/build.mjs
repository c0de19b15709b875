/**
 * Builds dist/esm and dist/cjs. Both hold the same modules; Node loads the first one for `import` and `require` alike
 * (condition "module-sync"), the second is for tools that can only load CommonJS.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

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

// The types are the same: those of the fallback are copied, with the comments that its scripts leave out.
await cp(join(root, 'dist/esm'), join(root, 'dist/cjs'), {
  recursive: true,
  filter: async (file) => file.endsWith('.d.ts') || (await stat(file)).isDirectory(),
});

// Only tools for Node load the fallback.
const schemas = join(root, 'dist/cjs/schema');
for (const file of await readdir(schemas)) {
  if (!file.endsWith('.js')) continue;
  const text = await readFile(join(schemas, file), 'utf8');
  const resolved = text.replaceAll('"#schema-engine"', '"./ajv-engine.js"');
  if (resolved !== text) await writeFile(join(schemas, file), resolved);
}
