/**
 * StyleCLIP's global directions have two settings, α and β, that the paper leaves to the user. So that the baseline is at its
 * best, they are searched on validation avatars, whatever split is reported.
 */
import type { EditText } from '../recipes/avatars/edit-suite.js';
import { directionsTo, editedStyles, predictEdits } from './edit-all.js';
import { benchOf, type BenchOptions } from './edit-bench.js';
import { scoreImages, summarize, type CaseScore, type EditBench } from './edit-metrics.js';
import type { StyleclipSettings } from './edit-variants.js';
import { rowOf, rowsFrom, type Rows } from './pack-networks.js';

/** Where nothing is searched. */
export const defaultStyleclip: StyleclipSettings = { strength: 3, threshold: 0.1 };
const strengths = [1, 2, 3, 5, 8] as const;
/** β as a share of the strongest channel's relevance would not be StyleCLIP's; these span its usable range here. */
const thresholds = [0, 0.25, 0.5, 1, 1.5] as const;
const searchAvatars = 6;

/** The α and β whose success plus preservation is highest on validation avatars, over all given texts. */
export async function bestStyleclip(options: BenchOptions, texts: readonly EditText[]): Promise<StyleclipSettings> {
  const source = options.networks.pack.manifest.defaults.source ?? 'domain';
  const grid = strengths.flatMap((strength) => thresholds.map((threshold) => ({ strength, threshold })));
  const scores = new Map<StyleclipSettings, CaseScore[]>(grid.map((settings) => [settings, []]));
  for (const text of texts) {
    options.signal?.throwIfAborted();
    const bench = await benchOf(options, text, 'validation', searchAvatars);
    const targets = bench.cases.map(() => text.target);
    const predictions = await predictEdits(bench, await directionsTo(bench, targets, source), 'styleclip-gd');
    const styles = grid.map((settings) => editedStyles(bench, predictions, { ...settings, clampStyles: false }).styles);
    // All settings in one run: the few avatars of one would leave most of a batch empty.
    const images = await options.networks.decode(rowsFrom(styles.flatMap(rowList)));
    const scored = await scoreImages(repeated(bench, grid.length), images);
    for (const [i, settings] of grid.entries()) {
      const count = bench.cases.length;
      scores.get(settings)?.push(...scored.slice(i * count, (i + 1) * count));
    }
  }
  const value = (list: readonly CaseScore[]) => {
    const { successRate, preservationRate } = summarize(list).overall;
    return successRate + preservationRate;
  };
  return [...scores].reduce((best, item) => (value(item[1]) > value(best[1]) ? item : best))[0];
}

const rowList = (rows: Rows): Float32Array[] => Array.from({ length: rows.count }, (_, i) => rowOf(rows, i));

/** The same cases several times over, with what scoring looks at. */
function repeated(bench: EditBench, times: number): EditBench {
  const copies = Array.from({ length: times });
  const rows = (one: Rows): Rows => rowsFrom(copies.flatMap(() => rowList(one)));
  return {
    ...bench,
    cases: copies.flatMap(() => bench.cases),
    layers: rows(bench.layers),
    truths: rows(bench.truths),
  };
}
