/**
 * `deltaspace train pack --recipe avatars`: the embedded default pack from nothing, stage by stage.
 *
 *   render → autoencoder at the base resolution → CLIP → growth to the full resolution → refinement
 *          → alignment of CLIP differences → codes → R_s → mapper → baseline mappers → scoring classifier → pack → evaluation
 *
 * Every stage is seeded, keeps checkpoints and is skipped when its weights are there: run the command again to go on.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assemblePack, packDirectory } from './stages/assemble.js';
import { growAutoencoder, trainAutoencoder } from './stages/autoencoder.js';
import { trainClassifier } from './stages/classifier.js';
import { alignClip, trainClip } from './stages/clip.js';
import { computeCodes } from './stages/codes.js';
import { trainMapper, trainStraightforwardMapper, trainWPlusMapper } from './stages/mapper.js';
import { startFromPack } from './start-from-pack.js';
import { refineSynthesis } from './stages/refinement.js';
import { computeRelevance } from './stages/relevance.js';
import { openWorkspace, type RecipeOptions, type Workspace } from './workspace.js';

/** What the recipe needs of an evaluation: figures to state in the pack. */
export interface PackReport {
  readonly split: string;
  readonly seed: number;
  readonly floors: readonly unknown[];
}

export interface AvatarsRecipeOptions<Report extends PackReport> extends RecipeOptions {
  /** Run these stages only; the pack is then neither assembled nor evaluated. */
  readonly only?: readonly string[];
  /** Folder of a smaller pack whose networks stand in for the first stages (see start-from-pack.ts). */
  readonly from?: string;
  /** Told what begins: a stage, or at last `evaluation`; and its place among all. */
  readonly onStage?: (stage: string, index: number, count: number) => void;
  /** Measures the finished pack on held-out avatars. */
  readonly evaluate: (packDirectory: string) => Promise<Report>;
}

export interface RecipeOutcome<Report> {
  readonly packDirectory: string;
  /** Null when only single stages ran. */
  readonly report: Report | null;
}

const stages: readonly (readonly [name: string, run: (workspace: Workspace) => Promise<unknown>])[] = [
  ['autoencoder', trainAutoencoder],
  ['clip', trainClip],
  ['growth', growAutoencoder],
  ['refinement', refineSynthesis],
  ['alignment', alignClip],
  ['codes', computeCodes],
  ['relevance', computeRelevance],
  ['mapper', trainMapper],
  ['straightforward', trainStraightforwardMapper],
  ['wplus', trainWPlusMapper],
  ['classifier', trainClassifier],
];

/** Names of the stages, in order. */
export const avatarsStages: readonly string[] = stages.map(([name]) => name);

/** Runs the recipe. Throws for unknown stage names, and the signal's reason when aborted (the run can then be continued). */
export async function runAvatarsRecipe<Report extends PackReport>(
  options: AvatarsRecipeOptions<Report>,
): Promise<RecipeOutcome<Report>> {
  const unknown = options.only?.filter((name) => !avatarsStages.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`unknown stage ${unknown.join(', ')}; stages are ${avatarsStages.join(', ')}`);
  const workspace = await openWorkspace(options);
  const directory = packDirectory(options.directory);
  if (options.from !== undefined) await startFromPack(workspace, options.from);
  const wanted = stages.filter(([name]) => options.only?.includes(name) ?? true);
  for (const [index, [name, run]] of wanted.entries()) {
    options.signal?.throwIfAborted();
    options.log(`stage ${name}`);
    options.onStage?.(name, index, wanted.length + 1);
    await run(workspace);
  }
  if (options.only) return { packDirectory: directory, report: null };
  await assemblePack(workspace);
  options.onStage?.('evaluation', wanted.length, wanted.length + 1);
  const report = await options.evaluate(directory);
  await writeFile(join(options.directory, 'evaluation.json'), JSON.stringify(report, null, 2));
  // Assembled again, so that the pack states its own figures.
  await assemblePack(workspace, { metrics: { floors: report.floors, split: report.split, seed: report.seed } });
  return { packDirectory: directory, report };
}
