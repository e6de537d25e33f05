/** The Photoshop plugin, as far as tests and packaging need it. Nothing here imports the modules of Photoshop themselves. */
export { HostError, type HostErrorCode } from './host/host-error.js';
export type { HostModules } from './host/host-modules.js';
export { modalLimits } from './host/modal.js';
export { createPhotoshopPort } from './host/photoshop-host.js';
export type {
  Bounds,
  CoverageBlock,
  DocumentFacts,
  LayerFacts,
  LayerWriter,
  ModalScope,
  PhotoshopPort,
  PixelBlock,
} from './host/photoshop-port.js';
export { enableReplay, recordEdit, replayMethodName, runEdit, type EditFunction } from './layer/actions.js';
export { captureLayer, wireProfile, type Capture, type CaptureOptions } from './layer/capture.js';
export { commitEdit, placeEdit, type CommitRequest, type CommitResult } from './layer/commit.js';
export { LayerError, wordsFor, type LayerErrorCode } from './layer/layer-error.js';
export { activeRecipe, captureAgain, type ReEdit } from './layer/re-edit.js';
export { readRecipes, recipeLimits, storeRecipe, type Recipe } from './layer/recipe-store.js';
export { captureLimits } from './layer/reduction.js';
export { words } from './words.js';
export { iconFiles, iconSets } from './manifest/icons.js';
export {
  commandIds,
  createManifest,
  networkDomains,
  packageFiles,
  panelId,
  type Manifest,
} from './manifest/manifest.js';
export { manifestSchema } from './manifest/manifest-schema.js';
export { buildPlugin } from './packaging/build-plugin.js';
export { packCcx } from './packaging/ccx.js';
export { LayerEditor, type LayerEditorParts } from './panel/model/layer-editor.js';
export { TargetFinder, type Target } from './panel/model/target.js';
export { createCommands, type LastEdit } from './panel/commands.js';
export { lintPackage } from './lint/uxp-lint.js';
export type { Finding } from './lint/finding.js';
