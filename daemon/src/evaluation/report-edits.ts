/** Sections of a report about edits: the floors, the methods side by side, and every text. */
import type { VariantReport } from './edit-report.js';
import type { EvaluationReport } from './evaluate.js';
import type { FloorResult } from './floors.js';
import { absent, decimals, markup, percent, starred, table, type Column, type Markup } from './report-markup.js';
import { floorState, floorSummary, variantRows, type VariantRow } from './report-rows.js';

export function floorsSection({ floors }: EvaluationReport): Markup {
  const state = (floor: FloorResult): Markup => {
    const words = floorState(floor);
    return markup`<span class="state ${words === 'not measured' ? 'unmeasured' : words}">${words}</span>`;
  };
  const columns: readonly Column<FloorResult>[] = [
    { head: 'figure', cell: ({ figure }) => figure },
    { head: 'value', cell: ({ value }) => decimals(value, 3) },
    { head: 'required', cell: ({ required }) => required },
    { head: 'state', cell: state, words: true },
  ];
  return markup`<section>
<h2>Floors</h2>
${table(`What the pack must reach: ${floorSummary(floors)}`, columns, floors)}
<p class="note">“Ahead of” is the lead of the product's edit over a baseline. A floor is not measured when its method was
not asked for or the pack has no network for it.</p>
</section>`;
}

export function methodsSection({ edits }: EvaluationReport): Markup {
  const columns: readonly Column<VariantRow>[] = [
    { head: 'method', cell: ({ name, what }) => markup`${name}<span class="what">${what}</span>` },
    { head: 'success %', cell: ({ overall }) => percent(overall.successRate) },
    { head: 'preservation %', cell: ({ overall }) => percent(overall.preservationRate) },
    { head: 'PSNR to the counterfactual (dB)', cell: ({ overall }) => decimals(overall.psnr, 2) },
    { head: 'PSNR to the layer (dB)', cell: ({ overall }) => decimals(overall.layerPsnr, 2) },
    { head: 'identity', cell: ({ overall }) => decimals(overall.identity, 3) },
    { head: 'Fréchet distance in CLIP features × 1000', cell: ({ frechetClip }) => decimals(frechetClip, 1) },
  ];
  return markup`<section>
<h2>Methods</h2>
${table(`All methods on the same ${edits.cases} edits (after Table 1 of the DeltaEdit paper)`, columns, variantRows(edits))}
<p class="note">Avatars are drawn from attributes, so the right result of an edit, its counterfactual, can be drawn too.
<b>Success</b>: a classifier, trained on drawings and independent of CLIP, sees all that the text asked for.
<b>Preservation</b>: share of the other visible attributes that it sees unchanged. <b>Identity</b>: cosine of its scores for what
the text leaves alone, layer against edit. The <b>Fréchet distance</b> is between the sets of edited and of drawn pictures, in
features of this pack's own CLIP image tower. It is no FID, which is defined by Inception features; it compares rows
of this table, never packs, and grows when the pictures are few. All methods are scored as decoded by the generator, but
for “delivered”.</p>
</section>`;
}

interface TextRow {
  readonly name: string;
  readonly target: string;
  readonly unseen: boolean;
}

export function textsSection({ edits }: EvaluationReport): Markup {
  const rows: readonly TextRow[] = edits.texts;
  const product: VariantReport | undefined = edits.methods['deltaedit'];
  const text: Column<TextRow> = { head: 'text', cell: ({ target, unseen }) => starred({ text: target, unseen }) };
  const own: readonly Column<TextRow>[] = [
    text,
    { head: 'edits', cell: ({ name }) => product?.texts[name]?.cases ?? absent },
    { head: 'success %', cell: ({ name }) => percent(product?.texts[name]?.successRate) },
    { head: 'preservation %', cell: ({ name }) => percent(product?.texts[name]?.preservationRate) },
    { head: 'PSNR to the counterfactual (dB)', cell: ({ name }) => decimals(product?.texts[name]?.psnr, 2) },
  ];
  const variants = variantRows(edits);
  const all: readonly Column<TextRow>[] = [
    text,
    ...variants.map((variant) => ({
      head: variant.name,
      cell: ({ name }: TextRow) => percent(variant.texts[name]?.successRate),
    })),
  ];
  return markup`<section>
<h2>Texts</h2>
${table("The product's edit, by text", own, rows)}
${table('Success %, by text and method', all, rows)}
<p class="note">* Worded as no caption of the training was.</p>
</section>`;
}
