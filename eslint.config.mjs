import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const inTheEditor = ['src/{shell,features/*}/editor/**/*.ts', 'src/apps/*.ts'];

const noDom = ['window', 'document', 'navigator', 'localStorage', 'HTMLElement'].map((name) => ({
  name,
  message: 'This runs without a DOM; drawing belongs into the webview of the feature.',
}));

/** What no source contains. */
const everywhere = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: a name says what a thing is.' },
  {
    selector: "ImportDeclaration[source.value='node:fs'] ImportSpecifier[imported.name=/Sync$/]",
    message: 'No synchronous I/O: use node:fs/promises.',
  },
  {
    selector:
      'ImportDeclaration[source.value=/^node:fs/] > ImportSpecifier[imported.name=/^(open|readFile|createReadStream)$/]',
    message:
      'What a path leads to is not known: use src/platform/files/regularFile.ts (src/shell/cli/namedFile.ts for the command line), which refuses pipes and devices and bounds what is read.',
  },
  {
    selector:
      'ImportDeclaration[source.value=/^node:fs/] > :matches(ImportNamespaceSpecifier, ImportDefaultSpecifier)',
    message: 'Import what is used of node:fs by name: some of it is restricted.',
  },
  {
    selector: "CallExpression[callee.name='mkdir'] Property[key.name='recursive']",
    message: 'It may never end: use src/platform/files/makeFolder.ts.',
  },
  {
    selector: "ImportDeclaration[source.value='node:os'] > ImportSpecifier[imported.name='homedir']",
    message: 'HOME may be empty or relative: homeFolder of src/platform/files/homeFolder.ts is never.',
  },
  {
    selector: "ImportDeclaration[source.value='node:child_process'] ImportSpecifier[imported.name=/Sync$/]",
    message: 'No synchronous processes: they block the extension host.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.vscode-test', 'test-results', 'test/fixtures'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-empty-function': 'off',
      // Declarations of several files merge: the commands of every feature.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-syntax': ['error', ...everywhere],
      'no-control-regex': 'off',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/**/webview/**'],
    rules: { 'no-restricted-globals': ['error', ...noDom] },
  },
  {
    files: inTheEditor,
    ignores: ['src/shell/editor/commands/commandRegistry.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'commands',
          property: 'registerCommand',
          message: 'Commands are registered in one place: src/shell/editor/commands/commandRegistry.ts.',
        },
      ],
    },
  },
  {
    files: inTheEditor,
    rules: {
      'no-restricted-syntax': [
        'error',
        ...everywhere,
        {
          selector:
            "CallExpression[callee.property.name='executeCommand'][arguments.0.value=/^muster\\.\\w+$/]",
          message: 'runMuster of src/shell/editor/commands/musterCommands.ts knows what the command takes.',
        },
        {
          selector: "Property[key.name='command'] > Literal[value=/^muster\\.\\w+$/]",
          message: 'linkTo of src/shell/editor/commands/musterCommands.ts knows what the command takes.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setImmediate: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        fetch: 'readonly',
        globalThis: 'readonly',
      },
    },
  },
);
