/** The last stage: everything the others made, as one pack folder. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { savePack, type PackContents, type PackManifest } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { NEUTRAL_TEXT, packAttributes, promptTemplates } from '../prompts.js';
import {
  classifierConfig,
  clipImageConfig,
  clipTextConfig,
  dataSettings,
  editDefaults,
  generatorConfig,
  inverterConfig,
  mapperConfig,
  pairSettings,
  relevanceSettings,
  resolution,
  stageSettings,
  straightforwardMapperConfig,
} from '../settings.js';
import type { StageResult, Workspace } from '../workspace.js';
import { loadCodes } from './codes.js';

const licence =
  'Weights: MIT. Trained on pictures drawn with the Avataaars artwork by Pablo Stanley (free for personal and commercial use); ' +
  'word vectors from GloVe (Public Domain Dedication and License).';

/** Writes the pack to `DIRECTORY/pack`, replacing an earlier one. `extra` goes into its provenance. */
export async function assemblePack(workspace: Workspace, extra: Record<string, unknown> = {}): Promise<PackManifest> {
  const directory = packDirectory(workspace.directory);
  await rm(directory, { recursive: true, force: true });
  const generation = await workspace.required('refinement');
  const clip = await finishedStage(workspace, 'alignment');
  const words = JSON.parse(clip.facts['vocabulary'] ?? '[]') as string[];
  const { statistics } = await loadCodes(workspace);
  const relevance = (await workspace.required('relevance')).get('relevance')?.data;
  if (!(relevance instanceof Float32Array)) throw new Error('the relevance stage left no matrix');
  const contents: PackContents = {
    id: workspace.options.packId ?? 'avatars',
    version: '0.3.0',
    domain: NEUTRAL_TEXT,
    resolution,
    components: {
      generator: { config: generatorConfig, weights: under(generation, 'generator.') },
      inverter: { config: inverterConfig, weights: under(generation, 'inverter.') },
      'clip-image': { config: clipImageConfig, weights: starting(clip.weights, 'visual.') },
      'clip-text': { config: clipTextConfig(words.length), weights: starting(clip.weights, 'text.') },
      mapper: { config: mapperConfig, weights: await workspace.required('mapper') },
      'straightforward-mapper': {
        config: straightforwardMapperConfig,
        weights: await workspace.required('straightforward'),
      },
      'wplus-mapper': { config: mapperConfig, weights: await workspace.required('wplus') },
      'attribute-classifier': { config: classifierConfig, weights: await workspace.required('classifier') },
    },
    statistics: {
      styleMean: statistics.mean,
      styleStd: statistics.std,
      styleLow: statistics.low,
      styleHigh: statistics.high,
      relevance,
    },
    words,
    templates: promptTemplates,
    attributes: packAttributes(),
    defaults: editDefaults,
    licence,
    provenance: { ...(await provenanceOf(workspace)), ...extra },
  };
  return savePack(directory, contents);
}

export const packDirectory = (directory: string): string => join(directory, 'pack');

/** How the pack was made: data, and of every stage its seed, settings, steps, time and figures on validation avatars. */
async function provenanceOf(workspace: Workspace): Promise<Record<string, unknown>> {
  const stages: Record<string, unknown> = {};
  for (const [stage, settings] of Object.entries(stageSettings)) {
    const { facts } = await finishedStage(workspace, stage);
    // The settings' minutes are a plan; what a stage took is among its facts. A stage from a pack had settings of its own.
    const { timeShare: _share, minutes: _planned, ...rest } = settings;
    const { steps = '0', minutes, validation, from, note } = facts;
    stages[stage] = {
      ...(from === undefined ? rest : { from }),
      steps: Number(steps),
      ...(minutes ? { minutes: Number(minutes) } : {}),
      ...(validation ? { validation: JSON.parse(validation) as unknown } : {}),
      // What a person who trained by hand wants to be known.
      ...(note === undefined ? {} : { note }),
    };
  }
  return {
    recipe: 'avatars',
    data: { artwork: 'DiceBear avataaars 9.4', ...dataSettings },
    stages,
    pairs: pairSettings,
    relevance: relevanceSettings,
  };
}

async function finishedStage(workspace: Workspace, stage: string): Promise<StageResult> {
  const result = await workspace.finished(stage);
  if (!result) throw new Error(`stage ${stage} has not finished in ${workspace.directory}; run it first`);
  return result;
}

type Weights = ReadonlyMap<string, Tensor>;

const starting = (weights: Weights, prefix: string): Weights =>
  new Map([...weights].filter(([name]) => name.startsWith(prefix)));

/** Weights below a prefix, without it. */
const under = (weights: Weights, prefix: string): Weights =>
  new Map([...starting(weights, prefix)].map(([name, tensor]) => [name.slice(prefix.length), tensor]));
