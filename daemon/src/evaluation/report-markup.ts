/**
 * HTML from values. Whatever is not markup already is escaped on its way in, so a section cannot forget to. Tables get a
 * caption and headers for rows and columns.
 */

/** HTML that may stand as it is. Only this file makes any. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = string | number | Markup | readonly Content[];

/** A template of HTML; values are escaped unless they are markup. Fit for element content and for quoted attributes. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const filled = parts.map((part, i) => part + (i < values.length ? textOf(values[i] as Content) : ''));
  return new Markup(filled.join(''));
}

function textOf(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escaped(String(content));
  return content.map(textOf).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] as string);

/** A column of a table: its heading, and what it says of a row. */
export interface Column<Row> {
  readonly head: Content;
  readonly cell: (row: Row) => Content;
  /** Words, to be set from the left; figures by default. */
  readonly words?: boolean;
}

/** A table; the first column names the rows. */
export function table<Row>(caption: Content, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  const kind = ({ words }: Column<Row>, i: number): string => (i === 0 || words === true ? 'words' : 'figure');
  const heads = columns.map((column, i) => markup`<th scope="col" class="${kind(column, i)}">${column.head}</th>`);
  const cells = (row: Row): Markup[] =>
    columns.map((column, i) =>
      i === 0
        ? markup`<th scope="row" class="words">${column.cell(row)}</th>`
        : markup`<td class="${kind(column, i)}">${column.cell(row)}</td>`,
    );
  const body = rows.map((row) => markup`<tr>${cells(row)}</tr>\n`);
  return markup`<div class="wide"><table>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** Bytes of a PNG file as an address that holds them. */
export const pngAddress = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

// ---- figures ---------------------------------------------------------------------------------------------------------

/** What stands where nothing was measured. */
export const absent = '–';

/** A number with so many decimals; a dash where there is none. */
export const decimals = (value: number | undefined, digits: number): string =>
  value !== undefined && Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : absent;

/** A share as a percentage with one decimal. */
export const percent = (share: number | undefined): string => decimals(share === undefined ? share : 100 * share, 1);

/** A text, with a star when it is worded as no caption of the training was; the star stays on the line of the last word. */
export const starred = ({ text, unseen }: { text: string; unseen: boolean }): string =>
  unseen ? `${text}\u00a0*` : text;
