/** The Figma plugin, as far as tests and packaging need it: the bridge, the manifest, the bundles. Its two halves are not for import. */
export * from './bridge/index.js';
export { createManifest, daemonAddresses, packagedFiles } from './manifest/manifest.js';
export { manifestSchema, type Manifest } from './manifest/manifest-schema.js';
export { bundleLimits, bundleMain, bundleScript, bundleUi } from './package/bundle.js';
export { packagePlugin, type PackagedFile } from './package/package-plugin.js';
