/**
 * What a variations board looks like, in rows and columns. The UI says what belongs into which cell, the main side where
 * that lies on the canvas.
 */

/** The arrangement of a board. Counts are those of the label lists; cells are addressed by row and column from 0. */
export type BoardLayout =
  /** Texts down, strengths across. */
  | { readonly kind: 'grid'; readonly rows: readonly string[]; readonly columns: readonly string[] }
  /** From one end to the other, one label per step; row is always 0. Long strips wrap. */
  | { readonly kind: 'strip'; readonly steps: readonly string[] }
  /** Style mixing: contents down, styles across; labels are the names of the layers. */
  | { readonly kind: 'mix'; readonly contents: readonly string[]; readonly styles: readonly string[] };

/** Row and column labels of a layout. */
export function boardLabels(layout: BoardLayout): {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
} {
  switch (layout.kind) {
    case 'grid':
      return { rows: layout.rows, columns: layout.columns };
    case 'strip':
      return { rows: [''], columns: layout.steps };
    case 'mix':
      return { rows: layout.contents, columns: layout.styles };
  }
}
