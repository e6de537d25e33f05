/** The DeltaEdit method, one file per step, and the engine that runs it end to end. */
export { applyDelta, styleReach, type StyleBounds } from './apply.js';
export { editCondition, pairCondition, straightforwardCondition } from './condition.js';
export { adaptiveSource, composePhrases, type AdaptiveSource } from './adaptive-source.js';
export { attributeTable, readLayer, readText, type AttributeTable, type KnownPhrase } from './attribute-table.js';
export {
  editedCode,
  methodDefaults,
  predict,
  type Direction,
  type EditMethod,
  type EditStrength,
  type Prediction,
} from './edited-codes.js';
export { EditError, type EditErrorCode } from './edit-error.js';
export { createEngine } from './engine.js';
export {
  type EditEngine,
  type EditOutput,
  type EditParameters,
  type EditResult,
  type EditSource,
  type InterpolateParameters,
  type InterpolateResult,
  type InvertResult,
  type MixParameters,
  type MixResult,
  type PackSummary,
} from './engine-types.js';
export { globalDirection, type GlobalDirection } from './global-direction.js';
export { interpolationWeights, lerp, mixRows, slerp } from './interpolation.js';
export {
  PackSession,
  type Inversion,
  type MakeRunner,
  type MapperName,
  type StyleCode,
  type TextEmbedding,
} from './pack-session.js';
export { relevanceByRegression, relevanceFromEmbeddings, type RegressionInput } from './relevance-matrix.js';
export { channelRelevance, channelsKept, thresholdMask, topChannelsMask } from './relevance.js';
export { type EngineHooks } from './stages.js';
export { directionFloor, meanUnitFeature, promptsFor, textDirection, unitDirection } from './text-direction.js';
export { difference, dot, length, unit } from './vectors.js';
export { smallestAlignment, warningsOf, type EditWarning, type EditWarningCode } from './warnings.js';
