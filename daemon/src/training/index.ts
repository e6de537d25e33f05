/**
 * Front door of training: the resumable loop, its random numbers and what it reports.
 */

export { train, type RunStart, type TrainOptions, type TrainResult } from './train.js';
export { formatProgress, type StopConditions, type TrainingProgress } from './progress.js';
export { Random, type RandomState } from './random.js';
export { TrainingError, type TrainingErrorCode } from './errors.js';
export { configurationDigest, type Configuration, type JsonValue } from './configuration.js';
export { loadNewestCheckpoint, type Checkpoint } from './checkpoint.js';
export { type MetricsRecord } from './metrics-log.js';
