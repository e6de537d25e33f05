/**
 * `analyze` as a job: the figures of `deltaspace analyze` on feature files that are blobs, or on a pack, and the picture as a blob.
 */
import { FormatError, readNpy } from '@deltaspace/models';
import {
  AnalysisError,
  analysisLimits,
  analyzeSpaces,
  drawSpaces,
  drawnPairs,
  featureRows,
  packFeatures,
  type FeatureRows,
  type PairedRows,
} from '../analysis/index.js';
import { readBlobFile, writeDerivedBlob } from '../jobs/blob-files.js';
import type { JobKinds, JobResult } from '../jobs/job.js';
import { installedPack } from '../packs/installed-pack.js';
import type { WorkerConfiguration } from '../worker/messages.js';
import type { WorkHooks } from '../worker/serve.js';
import { lapsSince } from './laps.js';

/** As the command has them. */
const defaultSeed = 31;
const defaultAvatars = 1536;

type Params = JobKinds['analyze']['params'];

/** What is analysed: pairs, differences when given, and what the figures say about both. */
interface Subject {
  readonly pairs: PairedRows;
  readonly deltas?: PairedRows;
  readonly facts: Readonly<Record<string, unknown>>;
}

export async function analyze(
  configuration: WorkerConfiguration,
  params: Params,
  { progress, signal }: WorkHooks,
): Promise<JobResult<'analyze'>> {
  const { seed = defaultSeed, projection, pack } = params;
  const lap = lapsSince();
  progress('reading', 0);
  const subject =
    pack === undefined
      ? subjectOfFiles(configuration.blobDirectory, params)
      : await subjectOfPack(configuration.packsDirectory, pack, params, signal);
  const reading = lap();
  signal.throwIfAborted();
  progress('comparing', 0.3);
  const { rows, differences, figures } = await analyzeSpaces(subject.pairs, subject.deltas, seed, signal);
  const comparing = lap();
  const report = { ...subject.facts, seed, differences, spaces: figures };
  if (projection === undefined) return { figures: report, files: {}, timingsMs: { reading, comparing } };
  const projected = (share: number): void => progress('projecting', 0.7 + 0.3 * share);
  const png = await drawSpaces(rows, projection, projected, signal);
  const pairs = Math.min(rows.clip.images.count, drawnPairs[projection]);
  return {
    figures: { ...report, picture: { projection, pairs } },
    files: { picture: writeDerivedBlob(configuration.blobDirectory, png) },
    timingsMs: { reading, comparing, projecting: lap() },
  };
}

function subjectOfFiles(blobDirectory: string, params: Params): Subject {
  const { imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures } = params;
  const read = (name: string, digest: string | undefined): FeatureRows => readFeatures(blobDirectory, name, digest);
  const pairs = { images: read('imageFeatures', imageFeatures), texts: read('textFeatures', textFeatures) };
  if (deltaImageFeatures === undefined) return { pairs, facts: { imageFeatures, textFeatures } };
  const deltas = {
    images: read('deltaImageFeatures', deltaImageFeatures),
    texts: read('deltaTextFeatures', deltaTextFeatures),
  };
  return { pairs, deltas, facts: { imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures } };
}

/** Reads one blob within the limits; errors name the member. */
function readFeatures(blobDirectory: string, name: string, digest: string | undefined): FeatureRows {
  if (digest === undefined) throw new Error(`${name} is missing; the schema of the request says that it is there`);
  const bytes = readBlobFile(blobDirectory, digest);
  if (bytes.byteLength > analysisLimits.fileBytes)
    throw new AnalysisError(
      'features_too_large',
      `${name} has ${bytes.byteLength} bytes; at most ${analysisLimits.fileBytes} are read`,
    );
  try {
    return featureRows(readNpy(bytes), name);
  } catch (cause) {
    if (cause instanceof FormatError) throw new FormatError(cause.code, `${name}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function subjectOfPack(
  packsDirectory: string,
  id: string,
  { split = 'test', avatars = defaultAvatars, seed = defaultSeed }: Params,
  signal: AbortSignal,
): Promise<Subject> {
  const packDirectory = await installedPack(id, packsDirectory);
  const log = (): void => undefined;
  const { pack, pairs, evaluated } = await packFeatures({ packDirectory, split, avatars, seed, log, signal });
  return { pairs, facts: { pack, split, avatars, captions: 'sparse', evaluated } };
}
