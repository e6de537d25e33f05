/**
 * The part of an evaluation that is about edits: every text on many held-out avatars, by every variant, one text at a time so
 * that the pictures of one text are all that is held in memory.
 */
import type { EditMethod } from '../deltaedit/index.js';
import { benchOf, standardTexts } from './edit-bench.js';
import { scoreImages, summarize, type CaseScore, type ScoredEdits } from './edit-metrics.js';
import { editByAll, variantsOf, type StyleclipSettings } from './edit-variants.js';
import { featureStatistics, frechetDistance, type FeatureStatistics } from './metrics/index.js';
import { type PackNetworks, rowOf, rowsFrom, type Rows } from './pack-networks.js';
import { untimed, type Timed } from './stopwatch.js';
import { bestStyleclip, defaultStyleclip } from './styleclip-search.js';

export interface EditReportOptions {
  readonly networks: PackNetworks;
  readonly split: 'validation' | 'test';
  readonly avatarsPerText: number;
  readonly methods: readonly EditMethod[];
  /** Unit CLIP embeddings of real pictures, which edited ones are compared with as a set. */
  readonly realEmbeddings: Rows;
  /** Names of standard texts; all by default. */
  readonly texts?: readonly string[];
  readonly threads?: number;
  readonly log: (line: string) => void;
  readonly time?: Timed;
  readonly signal?: AbortSignal;
}

/** One row of the first table: scores, and a distance between the sets of edited and real pictures. */
export interface VariantReport extends ScoredEdits {
  readonly what: string;
  /**
   * Fréchet distance between the embeddings of edited and of real pictures, by the pack's own CLIP image tower, times 1000.
   * No FID: that is defined by Inception features. Comparable within one pack only, and between equal numbers of pictures.
   */
  readonly frechetClip: number;
}

export interface EditReport {
  readonly avatarsPerText: number;
  readonly texts: readonly { readonly name: string; readonly target: string; readonly unseen: boolean }[];
  readonly cases: number;
  /** α and β that scored best on validation avatars. */
  readonly styleclip: StyleclipSettings;
  readonly methods: Readonly<Record<string, VariantReport>>;
}

const ends: Readonly<Record<string, string>> = {
  nothing: 'the reconstruction, unedited',
  ceiling: 'the reconstruction of the true result',
  delivered: "the product's edit as it is returned: composed onto the layer",
};

/** Everything about edits. Equal options give equal figures. */
export async function reportEdits(options: EditReportOptions): Promise<EditReport> {
  const { networks, methods, log, signal, time = untimed } = options;
  const texts = standardTexts(options.texts);
  let styleclip = defaultStyleclip;
  if (methods.includes('styleclip-gd')) {
    log('evaluate: searching α and β of StyleCLIP global directions on validation avatars');
    styleclip = await time('search of α and β', () => bestStyleclip(options, texts));
  }
  const variants = variantsOf(networks.pack.manifest, styleclip, methods);
  const scores = new Map<string, CaseScore[]>();
  const embeddings = new Map<string, Float32Array[]>();
  for (const text of texts) {
    signal?.throwIfAborted();
    const bench = await time('layers and truths', () => benchOf(options, text, options.split, options.avatarsPerText));
    log(`evaluate: ${text.name}, ${bench.cases.length} avatars`);
    for (const [name, images] of await editByAll(bench, variants, time)) {
      const scored = await time('scores', () => scoreImages(bench, images));
      scores.set(name, [...(scores.get(name) ?? []), ...scored]);
      const seen = await time('scores', () => networks.embedImages(images));
      const rows = Array.from({ length: seen.count }, (_, i) => rowOf(seen, i));
      embeddings.set(name, [...(embeddings.get(name) ?? []), ...rows]);
    }
  }
  const real = featureStatistics(options.realEmbeddings);
  const whats = { ...ends, ...Object.fromEntries(variants.map(({ name, what }) => [name, what])) };
  const rows = [...scores].map(([name, cases]): [string, VariantReport] => [
    name,
    { what: whats[name] ?? '', ...summarize(cases), frechetClip: distance(embeddings.get(name) ?? [], real) },
  ]);
  return {
    avatarsPerText: options.avatarsPerText,
    texts: texts.map(({ name, target, unseen }) => ({ name, target, unseen })),
    cases: scores.get('nothing')?.length ?? 0,
    styleclip,
    methods: Object.fromEntries(rows),
  };
}

/** NaN for a single picture, which has no covariance. */
const distance = (rows: readonly Float32Array[], real: FeatureStatistics): number =>
  rows.length < 2 ? Number.NaN : 1000 * frechetDistance(featureStatistics(rowsFrom(rows)), real);
