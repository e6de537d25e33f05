import { defineConfig } from 'vitest/config';

/** Sources run directly (export condition `source`); processes that tests start run from dist, which `npm test` builds first. */
export const shared = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
};

const config = defineConfig({
  ...shared,
  test: {
    include: ['*/src/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
export default config;
