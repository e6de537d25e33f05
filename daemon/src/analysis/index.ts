/** Front door of the analysis of CLIP space and DeltaSpace: figures of both, and a picture of them. */
export { AnalysisError, type AnalysisErrorCode } from './analysis-error.js';
export { analysisLimits, featureRows, type FeatureRows } from './feature-rows.js';
export { alignmentOf, type Recall, type SpaceAlignment } from './alignment.js';
export { analyzeSpaces, type Analysis, type DifferenceFacts, type PairedRows } from './analyze-spaces.js';
export { packFeatures, type PackFeatures } from './pack-features.js';
export { drawSpaces, drawnPairs } from './draw-spaces.js';
export { type Projection } from './projection.js';
