/** The section of a report with pictures: contact sheets, each column under the text that made it. */
import type { EvaluationReport } from './evaluate.js';
import { markup, pngAddress, starred, type Markup } from './report-markup.js';
import type { ReportPictures, ReportSheet, SheetColumn } from './report-pictures.js';

export function sheetsSection({ split }: EvaluationReport, pictures: ReportPictures): Markup {
  const figures = pictures.sheets.map((sheet) => figure(sheet, pictures.avatars));
  return markup`<section>
<h2>Pictures</h2>
<p>The first ${pictures.avatars} avatars of the ${split} split, not chosen, in every row the same one. Edits are as the product
returns them for layers of ${pictures.cell} px: laid over the layer. A text makes sense for most avatars, not for all (no hair
colour shows under a hat).</p>
${figures}
<p class="note">* Worded as no caption of the training was.</p>
</section>`;
}

function figure({ title, what, columns }: ReportSheet, avatars: number): Markup {
  const heads = columns.map(
    ({ caption, unseen }) => markup`<th scope="col">${starred({ text: caption, unseen })}</th>`,
  );
  const cells = columns.map((column) => markup`<td>${image(title, column, avatars)}</td>`);
  return markup`<figure class="sheet">
<div class="wide"><table>
<caption>${title}<span class="what">${what}</span></caption>
<thead><tr>${heads}</tr></thead>
<tbody><tr>${cells}</tr></tbody>
</table></div>
</figure>
`;
}

const image = (title: string, { caption, png }: SheetColumn, avatars: number): Markup =>
  markup`<img alt="${`${avatars} avatars, ${title}: ${caption}`}" src="${pngAddress(png)}">`;
