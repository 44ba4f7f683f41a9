import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Suites that start servers and browsers: one file after the other, with time for slow machines. */
const realServers = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 300_000 };

/** Suites on the packaged extension in a real VS Code. Each worker has a server and a browser. */
const realEditor = {
  ...realServers,
  globalSetup: ['test/harness/sharedEditors.ts'],
  setupFiles: ['test/harness/showFailures.ts'],
};

const project = (name, options = {}) => ({
  extends: true,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

export default defineConfig({
  define: { MUSTER_VERSION: JSON.stringify('0.0.0-test') },
  test: {
    projects: [
      // Its files share what they import, which takes them longer than their tests.
      project('unit', {
        isolate: false,
        testTimeout: 60_000,
        alias: { vscode: resolve('test/harness/vscodeTexts.ts') },
      }),
      // The pages of the editor, in a DOM without layout.
      project('webviews', {
        environment: 'happy-dom',
        environmentOptions: { happyDOM: { settings: { handleDisabledFileLoadingAsSuccess: true } } },
        setupFiles: ['test/webviews/layout.ts'],
        alias: { vscode: resolve('test/harness/vscodeTexts.ts') },
      }),
      // Two files side by side: each has servers, ports and folders of its own, and waits for them much of the time.
      project('integration', {
        ...realServers,
        ...{ fileParallelism: true, maxWorkers: 2, globalSetup: ['test/harness/buildCli.ts'] },
        sequence: { groupOrder: 2 },
      }),
      project('start', { ...realServers, testTimeout: 300_000 }),
      project('package', realEditor),
      project('e2e', {
        ...realEditor,
        // They import much that is large, which a worker then does once.
        ...{ fileParallelism: true, maxWorkers: 2, isolate: false, testTimeout: 240_000 },
        sequence: { groupOrder: 1 },
      }),
      project('soak', {
        ...realEditor,
        globalSetup: [...realEditor.globalSetup, 'test/harness/buildCli.ts'],
        testTimeout: 900_000,
      }),
      project('extra', { ...realServers, testTimeout: 600_000 }),
    ],
  },
});
