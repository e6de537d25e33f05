/** The DeltaEdit method, one file per step, and the engine that runs it end to end. */
export { applyDelta, styleReach, type StyleBounds } from './apply.js';
export { editCondition, pairCondition, straightforwardCondition } from './condition.js';
export { EditError, type EditErrorCode } from './edit-error.js';
export {
  createEngine,
  type EditEngine,
  type EditOutput,
  type EditParameters,
  type EditResult,
  type EngineHooks,
  type InvertResult,
  type PackSummary,
} from './engine.js';
export { globalDirection, type GlobalDirection } from './global-direction.js';
export { PackSession, type Inversion, type MakeRunner, type TextEmbedding } from './pack-session.js';
export { channelRelevance, channelsKept, thresholdMask, topChannelsMask } from './relevance.js';
export { directionFloor, meanUnitFeature, promptsFor, textDirection, unitDirection } from './text-direction.js';
export { difference, dot, length, unit } from './vectors.js';
