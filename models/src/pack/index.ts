/** Packs: folders of verified configuration and weights, and the networks built from them. */
export { buildNetwork, componentParameters, networkNames, type NetworkName } from './build-network.js';
export { loadPack, type Pack } from './load-pack.js';
export {
  checkManifest,
  type Component,
  type ComponentConfigs,
  type ComponentName,
  type Components,
  type PackAttribute,
  type PackFile,
  type PackManifest,
} from './manifest.js';
export { PackError, type PackErrorCode } from './pack-error.js';
export { savePack, type ComponentContents, type PackContents } from './save-pack.js';
export { packFolders, packsDirectory } from './shipped-packs.js';
export {
  verifyPack,
  type FileVerdict,
  type PackVerdict,
  type VerifiedFile,
  type VerifyOptions,
} from './verify-pack.js';
export { statisticsFromTensors, tensorsFromStatistics, type PackStatistics } from './statistics.js';
