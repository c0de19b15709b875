/**
 * `npm run docs [folder]`: writes the API reference of every entry point as HTML to a folder, by default docs/, with copies
 * of the pages and an `llms.txt` that lists both. Any warning is a failure.
 */
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Application, Converter, LogLevel } from 'typedoc';

const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'docs'));
const { name, version, description, exports } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);

/** Source of each entry point, by the name it is imported by. */
const entryPoints = Object.entries(exports)
  .filter(([, target]) => target.default?.types !== undefined)
  .map(([path, target]) => ({
    name: name + path.slice(1),
    source: target.default.types.replace('./dist/esm', 'lib').replace('.d.ts', '.ts'),
  }));

const app = await Application.bootstrapWithPlugins({
  name: `${name} ${version}`,
  entryPoints: entryPoints.map(({ source }) => join(root, source)),
  basePath: root,
  tsconfig: join(root, '.config/tsconfig.esm.json'),
  readme: 'none',
  // Types that exported ones mention, which no application has to import.
  plugin: ['typedoc-plugin-missing-exports'],
  internalModule: 'Types they mention',
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  hideGenerator: true,
  sort: ['kind', 'alphabetical'],
  blockTags: ['@param', '@returns', '@throws', '@default', '@see', '@example', '@typeParam'],
  modifierTags: ['@publicApi', '@internal', '@packageDocumentation', '@experimental'],
  excludeTags: ['@publicApi'],
  validation: { notExported: true, invalidLink: true, notDocumented: false },
  logLevel: LogLevel.Warn,
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const child of project.children ?? []) {
    const entry = entryPoints.find(({ source }) => child.name === moduleName(source));
    if (entry) child.name = entry.name;
  }
});

const project = await app.convert();
if (project) {
  app.validate(project);
  await app.generateDocs(project, out);
}
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) {
  console.error('docs: the API reference has warnings');
  process.exit(1);
}
await writeForModels(project);
console.log(`API reference in ${relative(process.cwd(), join(out, 'index.html'))}`);

/** What TypeDoc calls the module of a file. */
function moduleName(source) {
  return source.replace(/\/index\.ts$/, '');
}

/** Copies the pages, and lists everything in `llms.txt`. */
async function writeForModels({ children = [] }) {
  const pages = [];
  for (const page of await markdownFiles()) {
    await mkdir(dirname(join(out, page)), { recursive: true });
    await cp(join(root, page), join(out, page));
    const [, title] = /^# (.*)$/m.exec(await readFile(join(root, page), 'utf8')) ?? [];
    pages.push(`- [${title}](${page})`);
  }
  const modules = children.map(
    (child) => `- [${child.name}](modules/${child.name.replaceAll('/', '_')}.html)`,
  );
  const text = [
    ...[`# ${name}`, '', `> ${description}. Version ${version}.`, ''],
    ...['## Guides and reference', '', ...pages, '', '## API of each entry point', '', ...modules, ''],
  ];
  await writeFile(join(out, 'llms.txt'), text.join('\n'));
}

async function markdownFiles() {
  const here = (await readdir(root)).filter((file) => file.endsWith('.md')).sort();
  const below = (await readdir(join(root, 'sample'), { recursive: true })).map((file) =>
    file.replaceAll('\\', '/'),
  );
  return [
    ...here,
    ...below
      .filter((file) => file.endsWith('.md'))
      .sort()
      .map((file) => `sample/${file}`),
  ];
}
