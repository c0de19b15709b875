/** Bundles TypeScript for workerd as its users do: with the conditions of wrangler, and as little of Node as there is. */
import { builtinModules } from 'node:module';
import { build } from 'esbuild';

/** As Nest asks for packages that nobody has to have. */
export const OPTIONAL = [
  ...['@nestjs/microservices', '@nestjs/microservices/microservices-module.js', '@nestjs/websockets'],
  ...[
    '@nestjs/websockets/socket-module.js',
    '@nestjs/platform-express',
    'class-validator',
    'class-transformer',
  ],
  ...['class-transformer/storage', 'class-transformer/storage.js', 'class-transformer/cjs/storage.js'],
];

export async function bundle(entry, { alias = {}, ...options } = {}) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker'],
    external: ['node:*', 'cloudflare:*'],
    // Without its paths, the name of the library leads to what was built.
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom('/');",
    },
    alias: Object.fromEntries([
      ...OPTIONAL.map((name) => [name, 'data:text/javascript,']),
      ...builtinModules.filter((name) => /^[a-z]/.test(name)).map((name) => [name, `node:${name}`]),
      ...Object.entries(alias),
    ]),
    logLevel: 'silent',
    ...options,
  });
  const [file] = outputFiles;
  const externals = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external }) => external)
    .map(({ path }) => path);
  return { code: file.text, bytes: file.contents, imports: [...new Set(externals)].sort(), metafile };
}
