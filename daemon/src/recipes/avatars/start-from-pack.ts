/**
 * Starting the recipe from a finished pack: its generator and inverter stand in for the stage `autoencoder`, its towers for
 * the stage `clip`, its classifier, where it has one, for `classifier`. Later stages then improve on the former two. What
 * was taken, and from which pack, goes into the stages' facts.
 */
import { loadPack, type Pack } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { baseResolution } from './settings.js';
import type { Workspace } from './workspace.js';

/** Fills the first stages of a workspace from a pack. Stages that have finished are left alone. Throws when it does not fit. */
export async function startFromPack(workspace: Workspace, packDirectory: string): Promise<void> {
  const pack = await loadPack(packDirectory);
  const { resolution } = pack.manifest;
  if (resolution !== baseResolution) {
    throw new Error(
      `the recipe starts from packs of ${baseResolution} px; ${pack.manifest.id} ${pack.manifest.version} has ${resolution} px`,
    );
  }
  const facts = (stages: readonly string[]) => ({ ...factsOf(pack, stages), vocabulary: JSON.stringify(pack.words) });
  if (!(await workspace.finished('autoencoder'))) {
    const weights = new Map([...named(pack, 'generator', 'generator.'), ...named(pack, 'inverter', 'inverter.')]);
    await workspace.finish('autoencoder', { weights, facts: factsOf(pack, ['autoencoder', 'refinement']) });
  }
  if (!(await workspace.finished('clip'))) {
    const weights = new Map([...named(pack, 'clip-image', ''), ...named(pack, 'clip-text', '')]);
    await workspace.finish('clip', { weights, facts: facts(['clip']) });
  }
  const judge = pack.weights.get('attribute-classifier');
  if (judge && !(await workspace.finished('classifier'))) {
    await workspace.finish('classifier', { weights: new Map(judge), facts: factsOf(pack, ['classifier']) });
  }
}

function named(pack: Pack, component: 'generator' | 'inverter' | 'clip-image' | 'clip-text', prefix: string) {
  const weights: ReadonlyMap<string, Tensor> = pack.weights.get(component) ?? new Map();
  return [...weights].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const);
}

/** Steps and minutes that the pack's own provenance states for these stages, and which pack it was. */
function factsOf(pack: Pack, stages: readonly string[]): Record<string, string> {
  const known = (pack.manifest.provenance['stages'] ?? {}) as Record<string, { steps?: number; minutes?: number }>;
  const total = (what: 'steps' | 'minutes') => stages.reduce((sum, stage) => sum + (known[stage]?.[what] ?? 0), 0);
  return {
    steps: String(total('steps')),
    minutes: total('minutes').toFixed(1),
    from: `${pack.manifest.id} ${pack.manifest.version}, digest ${pack.digest}`,
  };
}
