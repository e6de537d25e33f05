/**
 * `evaluate` as a job: the figures of `deltaspace evaluate`, its page and its contact sheet as blobs.
 */
import type { EvaluateParams } from '@deltaspace/shared-protocol';
import { editSheet } from '../evaluation/edit-sheet.js';
import { editMethods, evaluatePack, type EvaluationStage } from '../evaluation/evaluate.js';
import { renderReport } from '../evaluation/report-html.js';
import { drawReport } from '../evaluation/report-pictures.js';
import { writeDerivedBlob } from '../jobs/blob-files.js';
import type { JobKinds, JobResult } from '../jobs/job.js';
import { installedPack } from '../packs/installed-pack.js';
import type { WorkerConfiguration } from '../worker/messages.js';
import type { WorkHooks } from '../worker/serve.js';
import { lapsSince } from './laps.js';

/** Where each part begins, as a fraction of the job: shares of the time with the pack that ships (2 cores, 200 avatars). */
const startOf: Readonly<Record<EvaluationStage | 'drawing', number>> = {
  rendering: 0,
  embedding: 0.05,
  reconstructing: 0.1,
  editing: 0.15,
  drawing: 0.95,
};

const silent = (): void => undefined;

export async function evaluate(
  { packsDirectory, blobDirectory }: WorkerConfiguration,
  params: JobKinds['evaluate']['params'],
  { progress, signal }: WorkHooks,
): Promise<JobResult<'evaluate'>> {
  const { pack = 'avatars', avatars, split, seed, sheet } = params;
  const lap = lapsSince();
  const packDirectory = await installedPack(pack, packsDirectory);
  const enter = (stage: EvaluationStage | 'drawing'): void => progress(stage, startOf[stage]);
  const report = await evaluatePack({
    ...{ packDirectory, methods: methodsOf(params), log: silent, onStage: enter, signal },
    ...(split === undefined ? {} : { split }),
    ...(avatars === undefined ? {} : { avatarsPerText: avatars }),
    ...(seed === undefined ? {} : { seed }),
  });
  const measuring = lap();
  signal.throwIfAborted();
  enter('drawing');
  const page = renderReport(report, await drawReport({ packDirectory, report, log: silent, signal }));
  const drawn = sheet ? await editSheet({ packDirectory, split: report.split }) : undefined;
  signal.throwIfAborted();
  return {
    pack,
    figures: report,
    files: {
      report: writeDerivedBlob(blobDirectory, Buffer.from(page)),
      ...(drawn === undefined ? {} : { sheet: writeDerivedBlob(blobDirectory, drawn) }),
    },
    timingsMs: { measuring, drawing: lap() },
  };
}

/** In the order of the tables; `deltaedit` always, which the others are compared with. */
function methodsOf({ methods }: Pick<EvaluateParams, 'methods'>): typeof editMethods {
  return editMethods.filter((method) => method === 'deltaedit' || (methods?.includes(method) ?? true));
}
