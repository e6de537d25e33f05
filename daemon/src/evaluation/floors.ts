/** The figures that the shipped avatars pack must reach on held-out avatars, and whether it does. */
import type { AlignmentMetrics } from './clip-metrics.js';
import type { ScoredEdits } from './edit-metrics.js';

interface Figures {
  readonly clip: { readonly sparse: AlignmentMetrics; readonly rich: AlignmentMetrics; readonly zeroShotMean: number };
  readonly autoencoder: { readonly psnr: number; readonly ssim: number };
  readonly edits: { readonly methods: Readonly<Record<string, ScoredEdits>> };
}

export interface FloorResult {
  readonly figure: string;
  readonly value: number;
  readonly required: string;
  readonly reached: boolean;
}

/** One row per floor: where the figure is found, its bound, and whether the bound is from below or above. */
const floors: readonly {
  figure: string;
  of: (figures: Figures) => number | undefined;
  least?: number;
  most?: number;
}[] = [
  { figure: 'R@1 of 256, sparse captions', of: ({ clip }) => clip.sparse.recallAt1, least: 0.6 },
  { figure: 'R@1 of 256, rich captions', of: ({ clip }) => clip.rich.recallAt1, least: 0.98 },
  { figure: 'DeltaSpace cosine, paired, sparse', of: ({ clip }) => clip.sparse.deltaPairedCosine, least: 0.5 },
  { figure: 'DeltaSpace cosine, paired, rich', of: ({ clip }) => clip.rich.deltaPairedCosine, least: 0.75 },
  { figure: 'DeltaSpace cosine, random', of: ({ clip }) => clip.sparse.deltaRandomCosine, most: 0.05 },
  { figure: 'zero-shot attribute accuracy', of: ({ clip }) => clip.zeroShotMean, least: 0.9 },
  { figure: 'reconstruction PSNR (dB)', of: ({ autoencoder }) => autoencoder.psnr, least: 31 },
  { figure: 'reconstruction SSIM', of: ({ autoencoder }) => autoencoder.ssim, least: 0.96 },
  { figure: 'edit success', of: ({ edits }) => edits.methods['deltaedit']?.overall.successRate, least: 0.78 },
  { figure: 'edit preservation', of: ({ edits }) => edits.methods['deltaedit']?.overall.preservationRate, least: 0.92 },
  {
    figure: 'edit PSNR to the counterfactual (dB)',
    of: ({ edits }) => edits.methods['deltaedit']?.overall.psnr,
    least: 22.5,
  },
  // The paper's average-face failure; if the baseline kept other attributes, the harness would not measure what it says.
  {
    figure: 'straightforward preservation',
    of: ({ edits }) => edits.methods['straightforward']?.overall.preservationRate,
    most: 0.3,
  },
];

export function checkFloors(figures: Figures): FloorResult[] {
  return floors.map(({ figure, of, least, most }) => {
    const value = of(figures) ?? Number.NaN;
    const reached = value >= (least ?? -Infinity) && value <= (most ?? Infinity);
    return { figure, value, required: least === undefined ? `≤ ${most}` : `≥ ${least}`, reached };
  });
}
