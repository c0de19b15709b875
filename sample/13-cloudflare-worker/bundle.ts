import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Optional packages that Nest asks for. */
const OPTIONAL = [
  ...['@nestjs/microservices', '@nestjs/microservices/microservices-module.js', '@nestjs/websockets'],
  ...[
    '@nestjs/websockets/socket-module.js',
    '@nestjs/platform-express',
    'class-validator',
    'class-transformer',
  ],
  ...['class-transformer/storage', 'class-transformer/cjs/storage', 'class-transformer/cjs/storage.js'],
];

/** The worker as one file. It was compiled before: esbuild leaves out the types that Nest injects by. */
export async function bundleWorker(): Promise<{ contents: Uint8Array; imports: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, 'worker.js')],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    keepNames: true,
    format: 'esm',
    target: 'es2022',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker'],
    // The paths of this repository lead to sources.
    tsconfigRaw: {},
    external: ['node:*', 'cloudflare:*'],
    alias: Object.fromEntries([
      ...OPTIONAL.map((name) => [name, join(import.meta.dirname, 'absent.js')]),
      ...builtinModules.filter((name) => /^[a-z]/.test(name)).map((name) => [name, `node:${name}`]),
    ]),
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
  });
  const [output] = Object.values(metafile.outputs);
  return {
    contents: (outputFiles[0] as { contents: Uint8Array }).contents,
    imports: [...new Set(output?.imports.map(({ path }) => path))].sort(),
  };
}
