import { readFileSync, readdirSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import ts from 'typescript';
import { judgeImport } from '../../.config/layers.mjs';

export const root = join(import.meta.dirname, '..', '..');

/** One import, export-from, `import()` or `require()` of a source file. Files are relative to lib/. */
export interface Import {
  readonly specifier: string;
  /** Only a type, or only loaded on demand. */
  readonly lazy: boolean;
}

export interface SourceFile {
  readonly lines: number;
  readonly imports: readonly Import[];
}

/** Path relative to lib/, with forward slashes, to what the file imports. */
export type ImportGraph = ReadonlyMap<string, SourceFile>;

/** Reads lib/ from disk. */
export function readLibrary(): ImportGraph {
  const lib = join(root, 'lib');
  const files = readdirSync(lib, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(lib, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  return graphOf(new Map(files.map((file) => [file, readFileSync(join(lib, file), 'utf8')])));
}

/** The graph of sources given as text. */
export function graphOf(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...sources].map(([file, text]) => {
      const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
      return [file, { lines, imports: importsOf(file, text) }];
    }),
  );
}

function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, lazy: boolean): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, lazy });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && loadsModule(node.expression)) add(node.arguments[0], true);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function loadsModule(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
  );
}

/** The file of lib/ behind a relative specifier, as Node resolves it; undefined for a package. */
function targetOf(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(importer), specifier).replace(/\.js$/, '.ts');
}

/** Imports that the layer table forbids. */
export function findForbiddenImports(graph: ImportGraph): string[] {
  const problems: string[] = [];
  for (const [file, { imports }] of graph) {
    for (const { specifier, lazy } of imports) {
      const target = targetOf(file, specifier);
      const reason = judgeImport(
        file,
        target === undefined ? { package: specifier } : { file: target },
        lazy,
      );
      if (reason !== undefined) problems.push(reason.startsWith(file) ? reason : `${file}: ${reason}`);
    }
  }
  return problems;
}

/** Relative imports that lead nowhere: a missing `.js`, a folder, a file that is gone. */
export function findDeadImports(graph: ImportGraph): string[] {
  return [...graph].flatMap(([file, { imports }]) =>
    imports
      .map(({ specifier }) => ({ specifier, target: targetOf(file, specifier) }))
      .filter(({ target }) => target !== undefined && !graph.has(target))
      .map(({ specifier }) => `${file} imports ${specifier}: no such file (is the .js ending there?)`),
  );
}

/** One line per group of files that import each other in a circle, type imports included. */
export function findCycles(graph: ImportGraph): string[] {
  const cycles: string[] = [];
  const finished = new Set<string>();
  const path: string[] = [];

  const walk = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file].join(' -> '));
      return;
    }
    if (finished.has(file)) return;
    path.push(file);
    for (const { specifier } of graph.get(file)?.imports ?? []) {
      const target = targetOf(file, specifier);
      if (target !== undefined && graph.has(target)) walk(target);
    }
    path.pop();
    finished.add(file);
  };

  for (const file of graph.keys()) walk(file);
  return cycles;
}

/** Files that should be two. */
export function findLongFiles(graph: ImportGraph, limit: number): string[] {
  return [...graph]
    .filter(([, { lines }]) => lines > limit)
    .map(
      ([file, { lines }]) => `${file} has ${lines} lines, the limit is ${limit}: split it by what it does`,
    );
}

/** Every file that loading `entry` may pull in, itself included. */
export function reachableFrom(graph: ImportGraph, entry: string): Set<string> {
  const seen = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file) || !graph.has(file)) continue;
    seen.add(file);
    for (const { specifier } of graph.get(file)?.imports ?? []) {
      const target = targetOf(file, specifier);
      if (target !== undefined) queue.push(target);
    }
  }
  return seen;
}
