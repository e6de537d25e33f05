/**
 * Reference metrics: arithmetic on arrays, checked against the public implementations. Networks that make features and
 * embeddings are in `models`, the map of differences is `differenceMap` in `imaging/`.
 */
export { featureStatistics, frechetDistance, type FeatureRows, type FeatureStatistics } from './frechet-distance.js';
export { rowCosines, spreadOf, type Spread } from './identity-similarity.js';
export { meanAbsoluteError, meanSquaredError, peakSignalToNoise } from './pixel-errors.js';
export type { Planes } from './planes.js';
export { ssimGaussian, ssimUniform, ssimZeroPadded } from './structural-similarity.js';
