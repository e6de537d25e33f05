/**
 * Headless state that the plugins share. No host, no widgets, no DOM: sockets, clocks and storage come from outside, through
 * `Platform`. README.md shows how a panel uses it.
 */
export * from './platform.js';
export * from './observable.js';
export * from './sha256.js';
export * from './connection/problems.js';
export * from './connection/state.js';
export * from './connection/reconnecting.js';
export { Connection } from './connection/connection.js';
export * from './editing/link.js';
export * from './editing/layer.js';
export * from './editing/failures.js';
export * from './editing/edited-image.js';
export { laneLimits, PreviewLane, type ChangeKind, type LaneParts } from './editing/preview-lane.js';
export { type ActivityProgress } from './editing/progress.js';
export * from './editing/variations.js';
export * from './editing/edit-session.js';
export * from './editing/batch.js';
export { runJob, runnerLimits, type JobHooks, type JobRequest } from './editing/job-runner.js';
export * from './history/history.js';
export * from './recipe/texts.js';
export * from './recipe/locality.js';
export * from './view/banner.js';
export * from './view/apply.js';
export * from './view/progress-line.js';
export * from './view/chips.js';
export * from './view/sliders.js';
export * from './view/warnings.js';
export {
  emptyRecipe,
  parseRecipe,
  RecipeError,
  recipeLimits,
  serializeRecipe,
  type PackSummary,
  type Recipe,
} from '@deltaspace/shared-protocol';
