/** Nothing is exported: this package is run by Vitest and npm scripts, not imported. */
export {};
