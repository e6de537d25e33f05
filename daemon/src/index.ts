/** Front door of the daemon package, for the tests and tools that live outside it. */
export { createRunner, type Runner, type RunnerOptions } from './runtime/index.js';
export { startDaemon, type DaemonOptions, type RunningDaemon } from './daemon.js';
export { serveAsProcess } from './daemon-process.js';
export { serveWorker, type WorkerLoader } from './worker/serve.js';
export { explainFailure } from './worker/explain.js';
export { openSocket, probe } from './server/outgoing.js';
export type { EditEngine, EngineHooks, PixelImage } from './jobs/engine-port.js';
export { createTrainingSession, type TrainingSession } from './runtime/index.js';
export { valuesOf } from './recipes/avatars/attributes.js';
export { avatarAt } from './recipes/avatars/splits.js';
export { createRenderPool } from './recipes/avatars/render-pool.js';
export { decodeImage, encodePng } from './imaging/index.js';
export * from './deltaedit/index.js';
export * from './imaging/index.js';
export { psnr, ssim } from './evaluation/image-metrics.js';
export * from './evaluation/metrics/index.js';
export { alignmentOf, featureRows, type Recall } from './analysis/index.js';
