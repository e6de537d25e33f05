/**
 * What a worker of the background does with its jobs: which kind is run by whom.
 *
 * It holds no packs: each job loads the one that it needs, and lets it go. Jobs that train get time to save a checkpoint when
 * the daemon stops.
 */
import { ProtocolError } from '@deltaspace/shared-protocol';
import type { JobRequest, JobResult } from '../jobs/job.js';
import { verifyPacks } from '../packs/verify-packs.js';
import { explainFailure } from '../worker/explain.js';
import type { WorkerConfiguration } from '../worker/messages.js';
import { serveJobs, type WorkHooks } from '../worker/serve.js';
import { analyze } from './analyze-job.js';
import { evaluate } from './evaluate-job.js';
import { lapsSince } from './laps.js';
import { resumeTraining, startTraining, type Recipe } from './train-job.js';

/** Serves jobs of the background until the parent goes away. Call once, as the last statement of an entry module. */
export function serveBackground(recipe: Recipe): void {
  serveJobs(
    (configuration) =>
      Promise.resolve({
        inventory: { models: [], damaged: [] },
        run: (id, request, hooks) => runBackgroundJob(configuration, recipe, id, request, hooks),
        explain: explainFailure,
      }),
    { letJobsEnd: true },
  );
}

/** Runs one job. @throws ProtocolError, or an error that `explainFailure` knows; the signal's reason when aborted. */
export async function runBackgroundJob(
  configuration: WorkerConfiguration,
  recipe: Recipe,
  id: string,
  request: JobRequest,
  hooks: WorkHooks,
): Promise<JobResult> {
  switch (request.kind) {
    case 'evaluate':
      return evaluate(configuration, request.params, hooks);
    case 'analyze':
      return analyze(configuration, request.params, hooks);
    case 'verify':
      return verify(configuration, request.params.pack, hooks);
    case 'train':
      return startTraining(configuration, recipe, id, request.params, hooks);
    case 'resume':
      return resumeTraining(configuration, recipe, request.params, hooks);
    default:
      throw new ProtocolError('internal_error', `a job of kind ${request.kind} came to the worker of the background`);
  }
}

async function verify(
  { packsDirectory }: WorkerConfiguration,
  pack: string | undefined,
  { progress, signal }: WorkHooks,
): Promise<JobResult<'verify'>> {
  const lap = lapsSince();
  const packs = await verifyPacks({
    ...{ packsDirectory, signal },
    ...(pack === undefined ? {} : { pack }),
    onProgress: (_folder, fraction) => progress('verifying', fraction),
  });
  return { packs, timingsMs: { verifying: lap() } };
}
