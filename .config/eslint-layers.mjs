import { dirname, join, relative } from 'node:path';
import { judgeImport } from './layers.mjs';

const lib = join(import.meta.dirname, '..', 'lib');

/** Shows a forbidden import in the editor; what is forbidden stands in layers.mjs. */
const imports = {
  meta: { type: 'problem', schema: [], messages: { forbidden: '{{reason}}' } },
  create(context) {
    const from = relative(lib, context.filename).replaceAll('\\', '/');

    function check(node, source, lazy) {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const specifier = source.value;
      const reason = judgeImport(from, targetOf(context.filename, specifier), lazy);
      if (reason !== undefined) context.report({ node, messageId: 'forbidden', data: { reason } });
    }

    return {
      ImportDeclaration: (node) => check(node, node.source, isTypeOnly(node)),
      ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source, true),
      TSImportType: (node) => check(node, node.source, true),
    };
  },
};

function isTypeOnly(node) {
  if (node.importKind === 'type') return true;
  return node.specifiers.length > 0 && node.specifiers.every((specifier) => specifier.importKind === 'type');
}

function targetOf(importer, specifier) {
  if (!specifier.startsWith('.')) return { package: specifier };
  const file = relative(lib, join(dirname(importer), specifier)).replaceAll('\\', '/');
  return { file: file.replace(/\.js$/, '.ts') };
}

export default { rules: { imports } };
