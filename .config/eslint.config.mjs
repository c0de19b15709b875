import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';
import layers from './eslint-layers.mjs';

const root = join(import.meta.dirname, '..');

/** Everywhere, all TypeScript. */
const typescript = {
  eqeqeq: ['error', 'always'],
  'no-else-return': ['error', { allowElseIf: false }],
  'no-nested-ternary': 'error',
  'no-useless-return': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'start' }],
  // Constructor-injected classes stay value imports: the rule skips files with decorators by itself, because
  // emitDecoratorMetadata is on.
  '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  // Without `any[]` for its arguments no type stands for every constructor.
  '@typescript-eslint/no-explicit-any': ['error', { ignoreRestArgs: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  // An adapter in memory implements an asynchronous contract without awaiting anything.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
};

const library = {
  'layers/imports': 'error',
  'max-lines': ['error', 300],
  // Standard output belongs to the stdio transport.
  'no-console': 'error',
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'exit', message: 'A library never ends the process.' },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: "BinaryExpression[operator='instanceof'][right.name=/^(Error|Array|Promise)$/]",
      message: 'False for a value of another realm: ask for a property, Array.isArray or node:util types.',
    },
    {
      selector: 'ExportAllDeclaration',
      message: 'Export by name: what is public is decided symbol by symbol.',
    },
    { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  ],
  '@typescript-eslint/return-await': ['error', 'in-try-catch'],
};

/** Tests hold answers of unknown shape in their hands and mock at will. */
const tests = {
  '@typescript-eslint/no-explicit-any': 'off',
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
  '@typescript-eslint/no-unsafe-type-assertion': 'off',
  '@typescript-eslint/no-empty-function': 'off',
  '@typescript-eslint/no-extraneous-class': 'off',
  '@typescript-eslint/only-throw-error': 'off',
  '@typescript-eslint/prefer-promise-reject-errors': 'off',
  '@typescript-eslint/unbound-method': 'off',
};

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'docs/', '**/node_modules/', '**/dist/', 'test/package/consumers/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: typescript,
  },
  { files: ['lib/**/*.ts'], plugins: { layers }, rules: library },
  { files: ['test/**/*.ts', 'sample/**/*.ts'], rules: tests },
  { files: ['test/bench/**/*.ts'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'module',
          'require',
          'URL',
          'fetch',
          'setTimeout',
          'clearTimeout',
          'Buffer',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
