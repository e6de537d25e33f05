import { defineConfig } from 'vitest/config';
import { runOptions, shared } from './vitest.config.js';

/** `npm run test:soak`: processes are killed thousands of times. DELTASPACE_KILLS says how often, DELTASPACE_SEED how. */
process.env['DELTASPACE_KILLS'] ??= '3000';

const config = defineConfig({
  ...shared,
  test: { ...runOptions, reporters: [...runOptions.reporters], include: ['test/src/e2e/kill-loop.test.ts'] },
});
export default config;
