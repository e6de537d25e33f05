import { defineConfig } from 'vitest/config';
import { shared } from './vitest.config.js';

/** The fixture tests alone: everything that reads DELTASPACE_GOLDEN. */
const config = defineConfig({
  ...shared,
  test: {
    include: ['test/src/golden/**/*.test.ts', 'test/src/numerics/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
  },
});
export default config;
