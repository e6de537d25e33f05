// Lint rules, and the import rules of the house: who may import what, with a message that says what to use instead.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Forbids import patterns in a set of files. */
const forbid = (files, ignores, patterns) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const pattern = (group, message) => ({ group, message });

const deepImports = pattern(
  ['@deltaspace/*/*', '!@deltaspace/onnx-graph/testing', '!@deltaspace/daemon/testing'],
  'Import from the package itself: its front door is src/index.ts.',
);
const node = pattern(['node:*', 'fs', 'path', 'crypto', 'os'], 'This code must run without Node: have it injected.');
const sockets = pattern(
  ['ws', 'express'],
  'Only daemon/src/server knows sockets: take a port (interface) as an argument.',
);
const runtime = pattern(
  ['onnxruntime-node', 'koffi'],
  'Only daemon/src/runtime knows onnxruntime: use createRunner or createTrainingSession.',
);
const compositionRoot = pattern(['**/main.js'], 'Nothing imports main.ts: pass what you need as an argument.');
const daemon = pattern(['@deltaspace/daemon'], 'Packages do not depend on the daemon.');
const tests = pattern(['**/*.test.js'], 'Tests are imported by nobody: move what is shared into a file of its own.');
const leaf = pattern(
  ['../*'],
  'imaging/, jobs/, config/ and log/ depend on no other folder of the daemon: define the interface here, pass it in.',
);
const above = pattern(
  ['**/evaluation/*', '**/analysis/*', '**/server/*', '**/jobs/*', '**/worker/*', '**/cli/*'],
  'Training knows the runtime and the data, not who asks for it: take a function as an argument.',
);
const product = pattern(
  ['@deltaspace/daemon', '@deltaspace/onnx-graph', '@deltaspace/models'],
  'Plugins know the protocol only: what the daemon can do is asked over the socket.',
);
const otherPlugin = pattern(
  ['@deltaspace/figma-plugin', '@deltaspace/photoshop-plugin'],
  'Plugins do not import each other: what both need belongs into plugins/core.',
);
const schemas = pattern(
  ['zod', '@deltaspace/*'],
  'Figma parses this side at every start: check messages with bridge/check.ts, leave the protocol to the UI.',
);
const figmaMain = pattern(['**/main/*'], 'The halves of the plugin meet in src/bridge only: add a message there.');
const figmaUi = pattern(['**/ui/*'], 'The halves of the plugin meet in src/bridge only: add a message there.');
const figmaTools = pattern(
  ['**/package/*', '**/manifest/*', 'esbuild'],
  'Packaging runs in Node, before the plugin exists: nothing of the plugin imports it.',
);
const photoshopModules = pattern(
  ['photoshop', 'uxp'],
  'Only plugins/photoshop/src/host knows Photoshop: take a PhotoshopPort as an argument.',
);
const clock = pattern(['node:*'], 'The method reads no files, clocks or environment: pass the data in.');

/** What Node and browsers have and other hosts lack. */
const hostGlobals = ['process', 'Buffer', 'setImmediate', 'window', 'document'];
/** What every host has in a way of its own: the plugins' core takes it from its `Platform`, or does without. */
const platformGlobals = [
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'queueMicrotask', 'performance'],
  ...['fetch', 'WebSocket', 'URL', 'Blob', 'crypto', 'console'],
  ...['AbortController', 'AbortSignal', 'structuredClone', 'TextEncoder', 'TextDecoder', 'localStorage'],
];

/** Forbids globals in a set of files, tests excepted. */
const noGlobals = (files, names) => ({
  files,
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-globals': [
      'error',
      ...names.map((name) => ({
        name,
        message: 'This package runs in Node, browsers, UXP and Figma: have it injected.',
      })),
    ],
  },
});

const config = tseslint.config(
  { ignores: ['**/dist/**', '**/dist-plugin/**', '**/node_modules/**', 'models/packs/**', 'runs/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest*.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
      ],
    },
  },
  forbid(
    ['shared-protocol/src/**/*.ts'],
    ['**/*.test.ts'],
    [node, sockets, runtime, tests, pattern(['@deltaspace/*'], 'shared-protocol depends on zod only.')],
  ),
  forbid(
    ['onnx-graph/src/**/*.ts'],
    ['**/*.test.ts'],
    [node, sockets, runtime, tests, pattern(['@deltaspace/*', 'zod'], 'onnx-graph depends on nothing.')],
  ),
  forbid(['models/src/**/*.ts'], ['**/*.test.ts'], [deepImports, sockets, runtime, tests, daemon]),
  forbid(
    ['daemon/src/**/*.ts'],
    ['**/*.test.ts', 'daemon/src/server/**', 'daemon/src/runtime/**', 'daemon/src/cli/**', 'daemon/src/deltaedit/**'],
    [deepImports, sockets, runtime, tests, compositionRoot],
  ),
  forbid(
    ['daemon/src/{imaging,jobs,config,log}/**/*.ts'],
    ['**/*.test.ts'],
    [deepImports, sockets, runtime, tests, compositionRoot, leaf],
  ),
  forbid(
    ['daemon/src/{training,recipes}/**/*.ts'],
    ['**/*.test.ts'],
    [deepImports, sockets, runtime, tests, compositionRoot, above],
  ),
  forbid(['daemon/src/server/**/*.ts'], ['**/*.test.ts'], [deepImports, runtime, tests, compositionRoot]),
  forbid(['daemon/src/runtime/**/*.ts'], ['**/*.test.ts'], [deepImports, sockets, tests, compositionRoot]),
  forbid(['daemon/src/cli/**/*.ts'], ['**/*.test.ts'], [deepImports, sockets, runtime, tests, compositionRoot]),
  forbid(
    ['daemon/src/deltaedit/**/*.ts'],
    ['**/*.test.ts', '**/engine.ts'],
    [
      deepImports,
      sockets,
      runtime,
      tests,
      compositionRoot,
      clock,
      pattern(['../training/*', '../server/*', '../jobs/*'], 'deltaedit/ depends on imaging and onnx-graph only.'),
    ],
  ),
  forbid(
    ['plugins/**/*.ts'],
    ['**/*.test.ts', 'plugins/photoshop/src/{host,packaging}/**'],
    [deepImports, node, sockets, runtime, tests, product, otherPlugin, photoshopModules],
  ),
  forbid(
    ['plugins/photoshop/src/host/**/*.ts'],
    ['**/*.test.ts'],
    [deepImports, node, sockets, runtime, tests, product, otherPlugin],
  ),
  forbid(
    ['plugins/photoshop/src/packaging/**/*.ts'],
    ['**/*.test.ts'],
    [deepImports, sockets, runtime, tests, product, otherPlugin, photoshopModules],
  ),
  forbid(
    ['plugins/figma/src/main/**/*.ts'],
    ['**/*.test.ts'],
    [node, sockets, runtime, tests, schemas, figmaUi, figmaTools],
  ),
  forbid(
    ['plugins/figma/src/bridge/**/*.ts'],
    ['**/*.test.ts'],
    [node, sockets, runtime, tests, schemas, figmaMain, figmaUi, figmaTools],
  ),
  forbid(
    ['plugins/figma/src/ui/**/*.ts'],
    ['**/*.test.ts'],
    [deepImports, node, sockets, runtime, tests, product, otherPlugin, figmaMain, figmaTools],
  ),
  forbid(
    ['plugins/figma/src/{package,manifest}/**/*.ts'],
    ['**/*.test.ts'],
    [deepImports, sockets, runtime, tests, product, otherPlugin, figmaMain, figmaUi],
  ),
  forbid(['test/src/**/*.ts'], [], [deepImports, tests]),
  {
    files: ['onnx-graph/src/**/*.ts', 'daemon/src/deltaedit/**/*.ts'],
    ignores: ['**/*.test.ts', '**/engine.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness comes in as an argument.' },
        { object: 'Date', property: 'now', message: 'Time comes in as an argument.' },
      ],
      'no-restricted-globals': ['error', { name: 'process', message: 'Settings come in as arguments.' }],
    },
  },
  noGlobals(['shared-protocol/src/**/*.ts'], hostGlobals),
  noGlobals(['plugins/core/src/**/*.ts'], [...hostGlobals, ...platformGlobals]),
  {
    files: ['plugins/figma/src/{bridge,ui,package,manifest}/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['figma', '__html__'].map((name) => ({
          name,
          message: 'Only plugins/figma/src/main runs where this exists: send it a message of src/bridge.',
        })),
      ],
    },
  },
  {
    files: ['plugins/figma/src/main/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'The main side has no network: the UI talks to the daemon.' },
      ],
    },
  },
  // Vitest reads a configuration's default export.
  { files: ['vitest*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
);
export default config;
