import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './import-graph.js';

/** One section per entry point that exists, one sorted line per exported name. */
export function describePublicApi(entryPoints: Readonly<Record<string, string>>): string {
  const present = Object.entries(entryPoints)
    .map(([name, file]) => [name, join(root, file)] as const)
    .filter(([, file]) => existsSync(file));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(
    present.map(([, file]) => file),
    options,
  );
  return present
    .map(([name, file]) => [`# ${name}`, ...listExports(program, file)].join('\n') + '\n')
    .join('\n');
}

/** `value X` for what exists when the program runs, `type X` for the rest. */
export function listExports(program: ts.Program, file: string): string[] {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} cannot be read`);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(source);
  if (module === undefined) return [];
  return checker
    .getExportsOfModule(module)
    .map((symbol) => `${isValue(checker, symbol) ? 'value' : 'type'} ${symbol.name}`)
    .sort();
}

function isValue(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  if (isAlias && symbol.declarations?.some(ts.isTypeOnlyExportDeclaration)) return false;
  const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  if (checker.isUnknownSymbol(target)) throw new Error(`${symbol.name} is exported but cannot be resolved`);
  return (target.flags & ts.SymbolFlags.Value) !== 0;
}
