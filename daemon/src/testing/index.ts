/**
 * Second door of the daemon package, for processes that tests start: the daemon and the worker loop without the engine,
 * the recipes and the evaluation, which take longer to load than most tests to run. And the store of jobs, to be killed alone.
 */
export { ManualClock } from '../access/testing/manual-clock.js';
export { defaultWorkerEntry, startDaemon, type DaemonOptions, type RunningDaemon } from '../daemon.js';
export { serveAsProcess } from '../daemon-process.js';
export { serveWorker, type WorkerLoader } from '../worker/serve.js';
export { explainFailure } from '../worker/explain.js';
export { SqliteJobStore } from '../jobs/job-store.js';
