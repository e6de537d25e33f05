/**
 * The measures of a variations board: from a layout and the size of the layer to sizes, gaps and type.
 *
 * Pure arithmetic; what is built from it is in board-frames.ts. Cells keep the proportions of the layer, and its size where that is
 * neither tiny nor huge: a cell is meant to be dragged out and used.
 */
import { boardLabels, type BoardLayout } from '../bridge/index.js';

/** Longer side of a cell, in Figma's pixels. */
const cellSide = { minimum: 96, maximum: 640 } as const;
/** Cells in a line of a strip before it wraps. */
const stripLine = 6;
/** Share of the longer cell side. */
const share = { gap: 0.06, padding: 0.12, label: 0.055, title: 0.09 } as const;
/** Smallest type that reads at 100 %. */
const smallestTypePx = 11;

/** Measures in Figma's pixels. */
export interface BoardPlan {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly isStrip: boolean;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Factor from the layer to its cell. */
  readonly cellScale: number;
  readonly gap: number;
  readonly padding: number;
  readonly labelSize: number;
  readonly titleSize: number;
  /** Width of the row labels; 0 for a strip. */
  readonly rowLabelWidth: number;
  /** Width at which a strip wraps. */
  readonly stripWidth: number;
}

/** Plans a board for a layer of that size. */
export function planBoard(layout: BoardLayout, layer: { readonly width: number; readonly height: number }): BoardPlan {
  const { rows, columns } = boardLabels(layout);
  const longer = Math.max(layer.width, layer.height);
  const side = Math.min(Math.max(longer, cellSide.minimum), cellSide.maximum);
  const cellScale = side / longer;
  const isStrip = layout.kind === 'strip';
  const cellWidth = Math.max(1, Math.round(layer.width * cellScale));
  const cellHeight = Math.max(1, Math.round(layer.height * cellScale));
  const gap = Math.round(side * share.gap);
  const perLine = Math.min(columns.length, stripLine);
  return {
    rows,
    columns,
    isStrip,
    cellWidth,
    cellHeight,
    cellScale,
    gap,
    padding: Math.round(side * share.padding),
    labelSize: Math.max(smallestTypePx, Math.round(side * share.label)),
    titleSize: Math.max(smallestTypePx, Math.round(side * share.title)),
    rowLabelWidth: isStrip ? 0 : Math.round(side * 0.5),
    stripWidth: perLine * cellWidth + (perLine - 1) * gap,
  };
}

/** Distance between a board and what it stands beside. */
export const boardDistance = 80;

/**
 * The first place at the right of a box where a board overlaps none of its siblings. Moves right past whatever is in the
 * way, so that it ends after at most as many steps as there are siblings.
 */
export function freePlace(
  beside: Rect,
  board: { readonly width: number; readonly height: number },
  siblings: readonly Rect[],
): { readonly x: number; readonly y: number } {
  const y = beside.y;
  let x = beside.x + beside.width + boardDistance;
  const inTheWay = (): Rect | undefined =>
    siblings.find(
      (other) =>
        other.x < x + board.width + boardDistance &&
        other.x + other.width + boardDistance > x &&
        other.y < y + board.height + boardDistance &&
        other.y + other.height + boardDistance > y,
    );
  for (let other = inTheWay(); other !== undefined; other = inTheWay()) x = other.x + other.width + boardDistance;
  return { x, y };
}
