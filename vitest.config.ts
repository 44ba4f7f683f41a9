import { defineConfig } from 'vitest/config';

/** Suites that start servers and browsers: one file after the other, with time for slow machines. */
const realServers = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 300_000 };

const project = (name: string, options = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: 'node', ...options },
});

export default defineConfig({
  define: { MUSTER_VERSION: JSON.stringify('0.0.0-test') },
  test: {
    projects: [
      project('unit'),
      project('integration', realServers),
      project('e2e', realServers),
      project('package', realServers),
    ],
  },
});
