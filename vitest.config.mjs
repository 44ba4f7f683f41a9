import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Two files side by side, on two cores too: vitest leaves one of them to itself otherwise. */
const sideBySide = { fileParallelism: true, maxWorkers: 2 };

/** Suites that start servers and browsers: one file after the other, with time for slow machines. */
const realServers = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 300_000 };

/** Suites on the packaged extension in a real VS Code. Each worker has a server and a browser. */
const realEditor = {
  ...realServers,
  globalSetup: ['test/harness/sharedEditors.ts'],
  setupFiles: ['test/harness/showFailures.ts'],
};

/** Suites whose commands have a cache of their own: see `test/harness/buildCli.ts`. */
const withKeptCode = { env: { MUSTER_NO_CACHE: '' } };

/** The tests of a kind, which lie as what they test: those of a feature in its folder. */
const project = (name, options = {}) => ({
  extends: true,
  test: { name, include: [`test/{,features/*/,platform/,shell/,apps/}${name}/**/*.test.ts`], ...options },
});

export default defineConfig({
  test: {
    // Commands leave nothing in the cache of who runs the tests.
    env: { MUSTER_NO_CACHE: '1' },
    projects: [
      // Its files share what they import, which takes them longer than their tests.
      project('unit', {
        ...sideBySide,
        isolate: false,
        setupFiles: ['test/harness/propertyRuns.ts'],
        testTimeout: 60_000 * Number(process.env.MUSTER_PROPERTY_FACTOR ?? 1),
        sequence: { groupOrder: 3 },
        alias: { vscode: resolve('test/harness/vscodeTexts.ts') },
      }),
      // The pages of the editor, in a DOM without layout.
      project('webview', {
        ...sideBySide,
        testTimeout: 60_000,
        sequence: { groupOrder: 3 },
        environment: 'happy-dom',
        environmentOptions: { happyDOM: { settings: { handleDisabledFileLoadingAsSuccess: true } } },
        setupFiles: ['test/shell/webview/layout.ts'],
        alias: { vscode: resolve('test/harness/vscodeTexts.ts') },
      }),
      // Each file has servers, ports and folders of its own, and waits for them much of the time: two more files fill the
      // pauses of two.
      project('integration', {
        ...realServers,
        ...sideBySide,
        maxWorkers: 4,
        ...withKeptCode,
        globalSetup: ['test/harness/buildCli.ts'],
        sequence: { groupOrder: 2 },
      }),
      project('start', { ...realServers, testTimeout: 300_000 }),
      project('package', realEditor),
      project('e2e', {
        ...realEditor,
        // They import much that is large, which a worker then does once.
        ...sideBySide,
        ...{ isolate: false, testTimeout: 240_000 },
        sequence: { groupOrder: 1 },
      }),
      project('soak', {
        ...realEditor,
        ...withKeptCode,
        globalSetup: [...realEditor.globalSetup, 'test/harness/buildCli.ts'],
        testTimeout: 900_000,
      }),
      project('extra', { ...realServers, testTimeout: 600_000, globalSetup: ['test/harness/buildCli.ts'] }),
    ],
  },
});
