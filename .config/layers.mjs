/**
 * Imports that are allowed inside lib/, and which packages a folder may use. The one place where this is written down:
 * the lint rule (eslint.config.mjs) and test/architecture/layers.spec.ts both ask `judgeImport`.
 *
 * An area is a folder or a file of lib/, the longest match wins, and 'mcp.module' is every other file at the top. Files
 * of one area may import each other.
 *   areas          other areas it may import
 *   packages       packages it may import; a trailing * matches the rest
 *   lazyPackages   packages it may only import as a type or on demand (`import()`, `require()`)
 */
export const layers = {
  // The one package: the base class by which Nest knows that an McpError was thrown on purpose.
  protocol: { areas: [], packages: ['@nestjs/common'] },

  schema: {
    areas: ['protocol'],
    packages: [
      ...['#schema-engine', 'ajv', 'ajv/*', 'ajv-formats', 'ajv-formats/*', 'node:vm'],
      '@cfworker/json-schema',
    ],
    lazyPackages: ['class-validator', 'class-transformer', 'class-transformer/*'],
  },
  collections: { areas: [], packages: [] },
  registry: { areas: ['protocol', 'schema'], packages: [] },
  adapters: { areas: ['protocol'], packages: ['node:*'], lazyPackages: ['@nestjs/common'] },
  'adapters/in-memory': { areas: ['protocol', 'adapters'], packages: ['node:*'] },
  'adapters/redis': {
    areas: ['protocol', 'schema', 'collections', 'adapters'],
    packages: ['@nestjs/common', 'node:*'],
    lazyPackages: ['ioredis'],
  },
  'adapters/postgres': {
    areas: ['protocol', 'schema', 'adapters'],
    packages: ['@nestjs/common', 'node:*'],
    lazyPackages: ['pg'],
  },

  'adapters/cloudflare': { areas: ['adapters'], packages: ['node:crypto'] },

  telemetry: { areas: ['adapters'], packages: [] },
  otel: { areas: ['adapters', 'telemetry'], packages: ['@opentelemetry/api', 'node:util/types'] },
  'adapters/nats': {
    areas: ['protocol', 'adapters'],
    packages: ['@nestjs/common', '@nats-io/*', 'node:*'],
  },

  asking: { areas: ['protocol', 'schema', 'registry'], packages: ['@nestjs/common', 'node:*'] },
  calls: {
    areas: ['protocol', 'schema', 'collections', 'registry', 'adapters', 'asking'],
    packages: ['@nestjs/common', 'node:*'],
  },
  tasks: {
    areas: ['protocol', 'schema', 'registry', 'adapters', 'asking', 'calls', 'results'],
    packages: ['node:*'],
  },
  handles: { areas: ['protocol', 'registry', 'adapters', 'calls', 'mcp-limits'], packages: ['node:*'] },
  results: { areas: ['protocol', 'schema', 'registry'], packages: ['@nestjs/common', 'node:*'] },
  lists: { areas: ['protocol', 'schema', 'registry', 'calls'], packages: ['@nestjs/common', 'node:*'] },
  conversations: {
    areas: ['protocol', 'schema', 'collections', 'registry', 'adapters', 'asking', 'calls', 'telemetry'],
    packages: ['@nestjs/common', 'node:*'],
  },
  sessions: {
    areas: [
      'protocol',
      'schema',
      'collections',
      'registry',
      'adapters',
      'asking',
      'calls',
      'conversations',
      'subscriptions',
    ],
    packages: ['@nestjs/common', 'node:*'],
  },
  server: {
    areas: [
      'protocol',
      'schema',
      'collections',
      'registry',
      'adapters',
      'asking',
      'calls',
      'tasks',
      'handles',
      'results',
      'lists',
      'telemetry',
    ],
    packages: ['@nestjs/common', 'node:*'],
  },
  subscriptions: {
    areas: ['protocol', 'collections', 'registry', 'adapters', 'calls', 'tasks', 'server'],
    packages: [],
  },

  'mcp-limits': { areas: [], packages: [] },
  'mcp.constants': { areas: ['protocol'], packages: [] },
  transports: {
    areas: [
      'mcp-limits',
      'protocol',
      'schema',
      'collections',
      'registry',
      'adapters',
      'asking',
      'calls',
      'tasks',
      'results',
      'lists',
      'conversations',
      'sessions',
      'server',
      'subscriptions',
      'mcp.constants',
      'telemetry',
    ],
    packages: ['@nestjs/common', '@nestjs/core', 'node:*'],
  },
  auth: {
    areas: [
      'protocol',
      'registry',
      'adapters',
      'asking',
      'calls',
      'results',
      'lists',
      'conversations',
      'sessions',
      'server',
      'transports',
      'mcp.constants',
    ],
    packages: ['@nestjs/common', '@nestjs/core', 'node:*'],
  },
  'auth/jwt': { areas: ['protocol', 'registry', 'auth'], packages: ['jose'] },
  decorators: { areas: ['protocol', 'schema', 'registry', 'mcp.constants'], packages: ['@nestjs/common'] },

  'mcp-module-options.interface': {
    areas: [
      'mcp-limits',
      'protocol',
      'schema',
      'registry',
      'adapters',
      'asking',
      'calls',
      'handles',
      'results',
      'lists',
      'conversations',
      'sessions',
      'server',
      'transports',
      'auth',
      'telemetry',
    ],
    packages: ['@nestjs/common'],
  },
  'mcp-options.check': {
    areas: ['protocol', 'registry', 'mcp-limits', 'mcp-module-options.interface', 'auth', 'telemetry'],
    packages: ['@nestjs/common'],
  },
  'mcp-options': {
    areas: [
      'mcp-limits',
      'protocol',
      'schema',
      'registry',
      'adapters',
      'mcp-module-options.interface',
      'mcp-options.check',
    ],
    packages: ['@nestjs/common', 'node:*'],
  },
  discovery: {
    areas: [
      'protocol',
      'schema',
      'registry',
      'adapters',
      'asking',
      'calls',
      'results',
      'lists',
      'conversations',
      'sessions',
      'server',
      'decorators',
      'mcp.constants',
      'mcp-options',
      'mcp-module-options.interface',
      'execution',
    ],
    packages: ['@nestjs/common', '@nestjs/core', '@nestjs/core/*', 'rxjs'],
  },
  execution: {
    areas: [
      'protocol',
      'schema',
      'registry',
      'asking',
      'calls',
      'results',
      'lists',
      'conversations',
      'sessions',
      'server',
      'decorators',
      'mcp.constants',
      'mcp-options',
      'mcp-module-options.interface',
    ],
    packages: ['@nestjs/common', '@nestjs/core', '@nestjs/core/*', 'rxjs', 'node:*'],
  },

  'mcp.module': {
    areas: [
      'mcp-limits',
      'protocol',
      'schema',
      'registry',
      'adapters',
      'adapters/in-memory',
      'asking',
      'calls',
      'tasks',
      'handles',
      'results',
      'lists',
      'conversations',
      'sessions',
      'server',
      'mcp.constants',
      'mcp-options',
      'mcp-module-options.interface',
      'transports',
      'auth',
      'decorators',
      'discovery',
      'execution',
      'telemetry',
    ],
    packages: ['@nestjs/common', '@nestjs/core', 'node:*'],
  },

  stdio: {
    areas: [
      'protocol',
      'registry',
      'adapters',
      'adapters/in-memory',
      'asking',
      'calls',
      'server',
      'mcp.constants',
      'mcp-options',
      'mcp.module',
      'transports',
    ],
    packages: ['@nestjs/common', '@nestjs/core', 'node:*'],
  },

  fetch: {
    areas: ['protocol', 'calls', 'auth', 'mcp-options', 'mcp.module', 'transports'],
    packages: ['@nestjs/common', '@nestjs/core'],
  },

  testing: {
    areas: [
      'protocol',
      'schema',
      'registry',
      'adapters',
      'asking',
      'calls',
      'results',
      'lists',
      'conversations',
      'sessions',
      'server',
      'discovery',
      'mcp.constants',
      'mcp-options',
    ],
    packages: ['@nestjs/core', 'node:*'],
    lazyPackages: ['@nestjs/common'],
  },
};

const areaNames = Object.keys(layers).sort((a, b) => b.length - a.length);

/** The area of a file given as a path relative to lib/, or undefined for a folder without an area. */
export function areaOf(file) {
  const area = areaNames.find((name) => file === `${name}.ts` || file.startsWith(`${name}/`));
  if (area !== undefined) return area;
  return file.includes('/') ? undefined : 'mcp.module';
}

/**
 * Describes in one sentence what is wrong with an import; undefined if it is fine.
 *
 * `from` and `to.file` are paths relative to lib/; `to.package` is a bare specifier; `lazy` is true for a type-only or
 * on-demand import.
 */
export function judgeImport(from, to, lazy = false) {
  const area = areaOf(from);
  if (area === undefined) {
    return `${from} is in a folder without a layer: add '${from.split('/')[0]}' to .config/layers.mjs`;
  }
  return to.file === undefined ? judgePackage(area, to.package, lazy) : judgeFile(from, area, to.file);
}

function judgeFile(from, area, to) {
  if (to.startsWith('..')) return `${from} imports ${to}, which is outside lib/`;

  const folder = to === 'index.ts' ? '' : to.slice(0, -'index.ts'.length);
  if (/(^|\/)index\.ts$/.test(to) && from.startsWith(folder)) {
    return `${from} imports ${to}, the index of its own or a parent folder: import the file that defines the symbol`;
  }

  const target = areaOf(to);
  if (target === area || layers[area].areas.includes(target)) return undefined;
  const allowed = layers[area].areas.join(', ') || 'nothing';
  return `${from} imports ${to}: '${area}' may import ${allowed}, not '${target ?? to}'`;
}

function judgePackage(area, specifier, lazy) {
  const { packages, lazyPackages = [] } = layers[area];
  if (packages.some((pattern) => matches(pattern, specifier))) return undefined;
  if (lazyPackages.some((pattern) => matches(pattern, specifier))) {
    if (lazy) return undefined;
    return `'${area}' may import ${specifier} only as a type or on demand: it is an optional package`;
  }
  return `'${area}' may not import the package ${specifier}, only ${packages.join(', ') || 'none'}`;
}

function matches(pattern, specifier) {
  return pattern.endsWith('*') ? specifier.startsWith(pattern.slice(0, -1)) : specifier === pattern;
}
