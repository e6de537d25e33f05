/**
 * What an evaluation compares: the product's edit, its parts taken away one at a time, the paper's baselines, and the two
 * ends of the scale (doing nothing, and the reconstruction of the truth).
 */
import type { PackManifest } from '@deltaspace/models';
import type { EditMethod } from '../deltaedit/index.js';
import { editAll, type EditSettings, type SourceMode } from './edit-all.js';
import { delivered, prepareSubjects, type EditBench } from './edit-metrics.js';
import type { Rows } from './pack-networks.js';
import { untimed, type Timed } from './stopwatch.js';

/** A row of the report's first table. */
export interface EditVariant {
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  readonly settings: EditSettings;
}

/** α and β of StyleCLIP's global directions. */
export interface StyleclipSettings {
  readonly strength: number;
  readonly threshold: number;
}

/** Pictures of every row, by name; `delivered` is the default edit composed onto the layer. */
export type VariantImages = ReadonlyMap<string, Rows>;

/** How the product edits when it is asked for nothing but a text. */
export function productSettings({ defaults }: PackManifest): EditSettings {
  const { source = 'domain', strength, threshold, clampStyles = false } = defaults;
  return { method: 'deltaedit', source, strength, threshold, clampStyles };
}

/** The rows for a pack; methods that it has no networks for, or that are not asked for, are left out. */
export function variantsOf(
  manifest: PackManifest,
  styleclip: StyleclipSettings,
  methods: readonly EditMethod[],
): EditVariant[] {
  const { components, defaults, text } = manifest;
  const product = productSettings(manifest);
  const { source, strength, threshold } = product;
  const other: SourceMode = source === 'auto' ? 'domain' : 'auto';
  const row = (name: string, what: string, changes: Partial<EditSettings> = {}): EditVariant => ({
    name,
    what,
    settings: { ...product, ...changes },
  });
  const plain = { threshold: 0, clampStyles: false } as const;
  const all = [
    row('deltaedit', `the product's edit: source ${source}, strength ${strength}, threshold ${threshold}`),
    ...(text.attributes === undefined
      ? []
      : [row(`deltaedit, source ${other}`, 'the other kind of source text', { source: other })]),
    row('deltaedit without R_s', 'no relevance mask', { threshold: 0 }),
    row('straightforward', 'absolute target embedding instead of a difference (§3.1.1)', {
      method: 'straightforward',
      strength: 1,
      ...plain,
    }),
    row('wplus', 'the mapper of W+ instead of S (Fig. 19)', {
      method: 'wplus',
      strength: defaults.wplusStrength ?? strength,
      ...plain,
    }),
    row('styleclip-gd', `StyleCLIP global directions, α ${styleclip.strength}, β ${styleclip.threshold}`, {
      method: 'styleclip-gd',
      clampStyles: false,
      ...styleclip,
    }),
  ];
  const has = {
    deltaedit: 'mapper',
    straightforward: 'straightforward-mapper',
    wplus: 'wplus-mapper',
    'styleclip-gd': 'mapper',
  } as const;
  return all.filter(({ settings: { method } }) => methods.includes(method) && components[has[method]] !== undefined);
}

/** Edits every layer of a bench by every variant. */
export async function editByAll(
  bench: EditBench,
  variants: readonly EditVariant[],
  time: Timed = untimed,
): Promise<VariantImages> {
  const targets = bench.cases.map(({ text }) => text.target);
  const images = new Map<string, Rows>();
  images.set('nothing', bench.reconstructions);
  images.set('ceiling', (await prepareSubjects(bench.networks, bench.truths)).reconstructions);
  for (const { name, settings } of variants) {
    const edited = await time(`edits: ${name}`, () => editAll(bench, targets, settings));
    images.set(name, edited.images);
    if (name === 'deltaedit') images.set('delivered', delivered(bench, edited.images));
  }
  return images;
}
