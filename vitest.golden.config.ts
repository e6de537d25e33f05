import { defineConfig } from 'vitest/config';
import { runOptions, shared } from './vitest.config.js';

/** The fixture tests alone: everything that reads DELTASPACE_GOLDEN. */
const include = ['test/src/golden/**/*.test.ts', 'test/src/numerics/**/*.test.ts'];
const config = defineConfig({ ...shared, test: { ...runOptions, reporters: [...runOptions.reporters], include } });
export default config;
