/**
 * `deltaspace analyze`: how well images and texts line up in CLIP space and in DeltaSpace (DeltaEdit §3.1 and Fig. 1), on feature
 * files or on a pack. Needs no daemon.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FormatError, readNpy } from '@deltaspace/models';
import {
  analysisLimits,
  AnalysisError,
  analyzeSpaces,
  drawnPairs,
  drawSpaces,
  featureRows,
  packFeatures,
  type Analysis,
  type DifferenceFacts,
  type FeatureRows,
  type PairedRows,
  type Projection,
  type SpaceAlignment,
} from '../../analysis/index.js';
import { describeDataDirectory } from '../../config/data-directory.js';
import type { Console } from '../console.js';
import { usageError } from '../failure.js';
import { readInput, writeOutput } from '../files.js';
import { installedPack } from '../../packs/installed-pack.js';

export interface AnalyzeCommand {
  /** .npy files `[N, D]`; row k of one belongs to row k of the other. */
  readonly imageFeatures?: string;
  readonly textFeatures?: string;
  /** .npy files `[M, E]` of differences; made from the pairs when left out. */
  readonly deltaImageFeatures?: string;
  readonly deltaTextFeatures?: string;
  /** Pack to analyse instead of files. */
  readonly pack?: string;
  readonly split?: 'validation' | 'test';
  readonly avatars?: number;
  readonly seed?: number;
  /** PNG file for the picture. */
  readonly output?: string;
  readonly projection?: Projection;
  readonly dataRoot: string;
}

/** The seed of `evaluate`'s captions, so that both measure the same ones. */
const defaultSeed = 31;
const defaultAvatars = 1536;

/** What is analysed: pairs, differences when given, and what the report says about both. */
interface Subject {
  readonly pairs: PairedRows;
  readonly deltas?: PairedRows;
  readonly facts: object;
  readonly lines: readonly string[];
}

export async function runAnalyze(command: AnalyzeCommand, console: Console, signal: AbortSignal): Promise<void> {
  refuseContradictions(command);
  const { seed = defaultSeed, output, projection = 'pca' } = command;
  const subject =
    command.pack === undefined
      ? await subjectOfFiles(command)
      : await subjectOfPack(command.pack, command, console, signal);
  const analysis = await analyzeSpaces(subject.pairs, subject.deltas, seed, signal);
  const picture = output === undefined ? undefined : await draw(analysis, output, projection, console, signal);
  const { differences, figures } = analysis;
  const report = { ...subject.facts, seed, differences, spaces: figures };
  console.result(picture === undefined ? report : { ...report, picture }, [
    ...subject.lines,
    ...describeAnalysis(analysis, seed),
    ...(picture === undefined
      ? []
      : [`${picture.file}: ${picture.pairs} pairs by ${projection}; blue circles are images, orange squares texts`]),
  ]);
}

/** Writes the picture and tells what is in it. */
async function draw(
  analysis: Analysis,
  file: string,
  projection: Projection,
  console: Console,
  signal: AbortSignal,
): Promise<{ file: string; projection: Projection; pairs: number }> {
  const progress = (fraction: number): void => console.progress('projecting', fraction);
  await writeOutput(file, await drawSpaces(analysis.rows, projection, progress, signal));
  return { file, projection, pairs: Math.min(analysis.rows.clip.images.count, drawnPairs[projection]) };
}

function refuseContradictions(command: AnalyzeCommand): void {
  const { imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures, pack, output } = command;
  const files = [imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures];
  if (pack !== undefined && files.some((file) => file !== undefined))
    throw usageError('--pack analyses a pack and takes no feature files');
  if (pack === undefined && (imageFeatures === undefined || textFeatures === undefined))
    throw usageError('give --image-features and --text-features, or --pack');
  if ((deltaImageFeatures === undefined) !== (deltaTextFeatures === undefined))
    throw usageError('give both --delta-image-features and --delta-text-features, or none');
  if (pack === undefined && (command.split !== undefined || command.avatars !== undefined))
    throw usageError('--split and --avatars need --pack');
  if (output === undefined && command.projection !== undefined) throw usageError('--projection needs -o');
  if (output === undefined) return;
  if (path.extname(output).toLowerCase() !== '.png') throw usageError(`${output}: pictures are written as .png`);
  if (files.some((file) => file !== undefined && path.resolve(file) === path.resolve(output)))
    throw usageError(`${output} is an input`);
}

async function subjectOfFiles(command: AnalyzeCommand): Promise<Subject> {
  const { imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures } = command;
  const pairs = { images: await readFeatures(imageFeatures), texts: await readFeatures(textFeatures) };
  const files = { imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures };
  if (deltaImageFeatures === undefined) return { pairs, facts: files, lines: [] };
  const deltas = { images: await readFeatures(deltaImageFeatures), texts: await readFeatures(deltaTextFeatures) };
  return { pairs, deltas, facts: files, lines: [] };
}

/** Reads one file within the limits; errors name the file. */
async function readFeatures(file: string | undefined): Promise<FeatureRows> {
  if (file === undefined) throw new Error('feature file not given');
  const sizeBytes = (await stat(file).catch(() => undefined))?.size ?? 0; // readInput says what is wrong with it
  if (sizeBytes > analysisLimits.fileBytes)
    throw new AnalysisError(
      'features_too_large',
      `${file} has ${sizeBytes} bytes; at most ${analysisLimits.fileBytes} are read`,
    );
  const bytes = await readInput(file, 'tensor_invalid');
  try {
    return featureRows(readNpy(bytes), file);
  } catch (cause) {
    if (cause instanceof FormatError) throw new FormatError(cause.code, `${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function subjectOfPack(
  id: string,
  command: AnalyzeCommand,
  console: Console,
  signal: AbortSignal,
): Promise<Subject> {
  const { split = 'test', avatars = defaultAvatars, seed = defaultSeed } = command;
  const packDirectory = await installedPack(id, describeDataDirectory(command.dataRoot).packs);
  const log = (line: string): void => console.note(line);
  const { pack, pairs, evaluated } = await packFeatures({ packDirectory, split, avatars, seed, log, signal });
  return {
    pairs,
    facts: { pack, split, avatars, captions: 'sparse', evaluated },
    lines: [
      `${pack.id} ${pack.version}, ${avatars} ${split} avatars with sparse captions`,
      `as evaluate ranks them, among 256: R@1 ${percent(evaluated.recallAt1)}, R@5 ${percent(evaluated.recallAt5)}; ` +
        `differences R@1 ${percent(evaluated.deltaRecallAt1)}`,
    ],
  };
}

function describeAnalysis({ differences, figures: { clip, delta } }: Analysis, seed: number): string[] {
  const line = (label: string, figure: (space: SpaceAlignment) => string): string =>
    `${label.padEnd(24)}${figure(clip).padStart(12)}${figure(delta).padStart(12)}`;
  return [
    describeDifferences(differences, seed),
    `${' '.repeat(24)}${'CLIP space'.padStart(12)}${'DeltaSpace'.padStart(12)}`,
    line('pairs', ({ pairs }) => String(pairs)),
    line('paired cosine', ({ pairedCosine }) => pairedCosine.toFixed(4)),
    line('random cosine', ({ randomCosine }) => randomCosine.toFixed(4)),
    line('all unpaired cosines', ({ unpairedCosine }) => unpairedCosine.toFixed(4)),
    line('modality gap', ({ modalityGap }) => modalityGap.toFixed(4)),
    line('ranked among', ({ rankedRows }) => String(rankedRows)),
    line('R@1 image to text', ({ imageToText }) => percent(imageToText.at1)),
    line('R@5 image to text', ({ imageToText }) => percent(imageToText.at5)),
    line('R@1 text to image', ({ textToImage }) => percent(textToImage.at1)),
    line('R@5 text to image', ({ textToImage }) => percent(textToImage.at5)),
  ];
}

function describeDifferences(differences: DifferenceFacts, seed: number): string {
  if (differences.origin === 'given') return `differences as given; random pairs by seed ${seed}`;
  const { firstPartners, leftOut } = differences;
  const without = leftOut === 0 ? '' : `; ${leftOut} pairs without a difference left out`;
  return (
    `differences of each item and another one, permuted by seed ${seed} ` +
    `(items 0, 1, … with ${firstPartners.join(', ')}, …)${without}`
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
