import { createRequire } from 'node:module';

const ts = createRequire(import.meta.url)('typescript');

/** The code of a script, indented with tabs in place of spaces; what is within template literals stays as it is. */
export function withTabs(code) {
  const source = ts.createSourceFile('script.js', code, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  const literals = [];
  const visit = (node) => {
    if (ts.isTemplateLiteralToken(node)) literals.push([node.pos, node.end]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const isLiteral = (at) => literals.some(([from, to]) => at > from && at < to);
  return code.replace(/^(?: {4})+/gm, (spaces, at) =>
    isLiteral(at) ? spaces : '\t'.repeat(spaces.length / 4),
  );
}
