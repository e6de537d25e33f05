/** The Figma plugin, as far as tests and packaging need it. */
export * from './bridge/index.js';
