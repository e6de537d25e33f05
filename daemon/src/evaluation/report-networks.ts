/** Sections of a report about the networks by themselves: CLIP space, unseen words, reconstructions, attributes. */
import type { AlignmentMetrics } from './clip-metrics.js';
import type { EvaluationReport } from './evaluate.js';
import { decimals, markup, percent, table, type Column, type Markup } from './report-markup.js';

interface AlignmentRow {
  readonly what: string;
  readonly figure: (metrics: AlignmentMetrics) => string;
}

const alignmentRows: readonly AlignmentRow[] = [
  { what: 'CLIP space: R@1 of 256, %', figure: ({ recallAt1 }) => percent(recallAt1) },
  { what: 'CLIP space: R@5 of 256, %', figure: ({ recallAt5 }) => percent(recallAt5) },
  { what: 'CLIP space: cosine of matching pairs', figure: ({ pairedCosine }) => decimals(pairedCosine, 4) },
  { what: 'CLIP space: cosine of random pairs', figure: ({ randomCosine }) => decimals(randomCosine, 4) },
  { what: 'CLIP space: modality gap', figure: ({ modalityGap }) => decimals(modalityGap, 4) },
  { what: 'DeltaSpace: R@1 of 256, %', figure: ({ deltaRecallAt1 }) => percent(deltaRecallAt1) },
  { what: 'DeltaSpace: cosine of matching pairs', figure: ({ deltaPairedCosine }) => decimals(deltaPairedCosine, 4) },
  { what: 'DeltaSpace: cosine of random pairs', figure: ({ deltaRandomCosine }) => decimals(deltaRandomCosine, 4) },
];

export function clipSection({ clip }: EvaluationReport): Markup {
  const columns: readonly Column<AlignmentRow>[] = [
    { head: 'figure', cell: ({ what }) => what },
    { head: 'sparse captions', cell: ({ figure }) => figure(clip.sparse) },
    { head: 'rich captions', cell: ({ figure }) => figure(clip.rich) },
  ];
  return markup`<section>
<h2>CLIP space and DeltaSpace</h2>
${table('Images and their captions', columns, alignmentRows)}
<p class="note">A sparse caption names a few attributes, a rich one all that can be seen. R@k: how often an image's own caption is
among the k nearest of 256. DeltaSpace holds differences of two images, or of their two captions (§3.1 of the paper). The
modality gap is the distance between the mean image and the mean text.</p>
</section>`;
}

export function wordsSection({ clip: { heldOutSynonyms } }: EvaluationReport): Markup {
  const columns: readonly Column<readonly [word: string, auc: number]>[] = [
    { head: 'word', cell: ([word]) => word },
    { head: 'AUC', cell: ([, auc]) => decimals(auc, 3) },
  ];
  const caption = `Words that no caption of the training had: mean AUC ${decimals(heldOutSynonyms.mean, 3)}`;
  return markup`<section>
<h2>Words never trained</h2>
${table(caption, columns, Object.entries(heldOutSynonyms.words))}
<p class="note">How often an avatar that shows what the word means scores higher than one that does not; chance is 0.5.</p>
</section>`;
}

export function reconstructionSection({ autoencoder }: EvaluationReport): Markup {
  return markup`<section>
<h2>Reconstruction</h2>
<p>${autoencoder.images} avatars through inverter and generator: PSNR ${decimals(autoencoder.psnr, 2)} dB,
SSIM ${decimals(autoencoder.ssim, 4)}.</p>
</section>`;
}

/** What CLIP, the autoencoder and the judge each make of every attribute. */
export function attributesSection({ clip, autoencoder, classifier }: EvaluationReport): Markup {
  const columns: readonly Column<string>[] = [
    { head: 'attribute', cell: (key) => key },
    { head: 'zero-shot accuracy of CLIP, %', cell: (key) => percent(clip.zeroShot[key]) },
    { head: 'kept by the reconstruction, %', cell: (key) => percent(autoencoder.attributesKept[key]) },
    { head: 'accuracy of the scoring classifier, %', cell: (key) => percent(classifier[key]) },
  ];
  const caption = `Attributes; zero-shot accuracy ${percent(clip.zeroShotMean)} % on average`;
  return markup`<section>
<h2>Attributes</h2>
${table(caption, columns, Object.keys(clip.zeroShot))}
<p class="note">Accuracies are of avatars where the attribute can be seen. Kept: the scoring classifier sees the same in a
drawing and in its reconstruction.</p>
</section>`;
}
