import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/src/reporting/summary-reporter.js';

/** Sources run directly (export condition `source`); processes that tests start run from dist, which `npm test` builds first. */
export const shared = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
};

export const runOptions = {
  pool: 'forks',
  maxWorkers: 2,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  reporters: ['default', new SummaryReporter()],
} as const;

const config = defineConfig({
  ...shared,
  test: {
    ...runOptions,
    reporters: [...runOptions.reporters],
    include: ['*/src/**/*.test.ts', 'plugins/*/src/**/*.test.ts'],
  },
});
export default config;
