import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const folder = join(import.meta.dirname, '..');

/** The titles of the tests that run, of a file below `test/`, as they are written there: `%s` and `$name` included. */
export function titlesIn(file: string): ReadonlySet<string> {
  const path = join(folder, file);
  const titles = new Set<string>();
  if (!existsSync(path)) return titles;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && runsTests(node.expression)) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title) && node.arguments.length > 1) titles.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** `it` or `it.each(...)`, but neither `it.skip` nor `it.todo`. */
function runsTests(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it';
  return (
    ts.isCallExpression(callee) &&
    ts.isPropertyAccessExpression(callee.expression) &&
    callee.expression.name.text === 'each' &&
    runsTests(callee.expression.expression)
  );
}
