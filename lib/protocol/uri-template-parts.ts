interface Run {
  /** Text that introduces it; empty for a required part. */
  readonly lead: string;
  /** Characters it cannot hold. */
  readonly stops: string;
}

/** Text that stands for itself. */
interface LiteralPart {
  readonly kind: 'literal';
  readonly text: string;
}

/** One variable. */
export interface ValuePart extends Run {
  readonly kind: 'value' | 'query';
}

interface VariablePart extends ValuePart {
  readonly kind: 'value';
  readonly name: string;
}

interface QueryPart extends ValuePart {
  readonly kind: 'query';
  readonly names: readonly string[];
}

/** Part of a URI template. */
export type UriPart = LiteralPart | VariablePart | QueryPart;

interface Operator extends Run {
  /** Separator between two variables of one expression. */
  readonly separator: string;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  '': { lead: '', separator: ',', stops: '/?#&' },
  '+': { lead: '', separator: ',', stops: '' },
  '#': { lead: '#', separator: ',', stops: '' },
  '.': { lead: '.', separator: '', stops: '/?#&.' },
  '/': { lead: '/', separator: '', stops: '/?#' },
  ';': { lead: ';', separator: '', stops: '/?#&;' },
};

const NAME = /^(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+(?:\.(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+)*$/;
const MAX_TEMPLATE_LENGTH = 2_048;

/** Called with what is wrong, to finish "the URI template …". */
type Fail = (problem: string) => never;

/** Reads a template; adjacent parts of the result never compete for the same text. */
export function parseUriTemplate(template: string, fail: Fail): readonly UriPart[] {
  if (template.length > MAX_TEMPLATE_LENGTH) fail(`is longer than ${MAX_TEMPLATE_LENGTH} characters`);
  const parts: UriPart[] = [];
  for (const [, literal = '', expression] of template.matchAll(/([^{]*)(?:\{([^}]*)(?:\}|$))?/g)) {
    if (literal.includes('}')) fail('has a "}" without a "{"');
    if (literal !== '') parts.push({ kind: 'literal', text: literal });
    if (expression !== undefined) parts.push(...parseExpression(expression, fail));
  }
  if ((template.match(/\{/g) ?? []).length !== (template.match(/\}/g) ?? []).length)
    fail('has a "{" without a "}"');
  const merged = mergeQueries(parts);
  check(merged, fail);
  return merged;
}

function parseExpression(expression: string, fail: Fail): UriPart[] {
  const symbol = /^[A-Za-z0-9_%]/.test(expression) ? '' : expression.slice(0, 1);
  const names = expression.slice(symbol.length).split(',');
  for (const name of names) {
    if (/[*:]/.test(name)) {
      fail(
        `uses a modifier in {${expression}}, which matching has no use for: write {+name} for several segments`,
      );
    }
    if (!NAME.test(name)) fail(`has no valid variable name in {${expression}}`);
  }
  if (symbol === '?' || symbol === '&') return [{ kind: 'query', names, lead: symbol, stops: '#' }];
  const operator = OPERATORS[symbol];
  if (!operator) return fail(`uses the unknown operator "${symbol}" in {${expression}}`);
  return names.flatMap((name, index) => toParts(name, index, names.length > 1, symbol, operator));
}

function toParts(
  name: string,
  index: number,
  isShared: boolean,
  symbol: string,
  operator: Operator,
): UriPart[] {
  const { separator, lead } = operator;
  const stops = isShared ? operator.stops + separator : operator.stops;
  if (symbol === ';') return [{ kind: 'value', name, lead: `;${name}=`, stops }];
  if (separator === '' || index === 0) return [{ kind: 'value', name, lead, stops }];
  return [
    { kind: 'literal', text: separator },
    { kind: 'value', name, lead: '', stops },
  ];
}

/** `{?a}{&b}` is one set of parameters. */
function mergeQueries(parts: readonly UriPart[]): UriPart[] {
  const merged: UriPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.kind === 'query' && part.lead === '&' && last?.kind === 'query') {
      merged[merged.length - 1] = { ...last, names: [...last.names, ...part.names] };
    } else {
      merged.push(part);
    }
  }
  return merged;
}

function check(parts: readonly UriPart[], fail: Fail): void {
  const seen = new Set<string>();
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'literal') continue;
    for (const name of part.kind === 'query' ? part.names : [part.name]) {
      if (seen.has(name)) fail(`names the variable "${name}" twice`);
      seen.add(name);
    }
    const previous = parts[index - 1];
    if (part.lead === '' && previous !== undefined && previous.kind !== 'literal') {
      fail('has two variables with nothing between them: put a literal there, such as "/"');
    }
  }
  if (seen.size === 0) fail('has no variable: give it as `uri`');
}
