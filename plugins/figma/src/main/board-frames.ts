/**
 * Builds a variations board of auto-layout frames: title, labels, and rectangles that show the results.
 *
 * Everything happens in one go, without an await: the font is loaded before. Text is real text and cells are real
 * rectangles, so that a board can be edited like anything else.
 */
import { type BoardPlan } from './board-plan.js';
import { mark, markBoardPicture, type Origin } from './marks.js';
import { withImage } from './paints.js';
import { words } from './words.js';

/** A result that waits for its place. */
export interface BoardCell {
  readonly imageHash: string;
  /** Width of the result over that of the source's image. */
  readonly widthRatio: number;
  /** Null for a picture that no recipe makes. */
  readonly recipeText: string | null;
}

/** How cells look: taken from the source layer when the board is opened. */
export interface CellLook {
  /** The source's paint; its image is replaced. */
  readonly paint: ImagePaint;
  /** Corners of the source in its own pixels, top left first, clockwise. */
  readonly corners: readonly [number, number, number, number];
  /** Where the pictures came from, for a re-edit. */
  originOf(imageHash: string): Origin;
}

/** What is needed to build a board. `cellAt` gives undefined for a cell that never came. */
export interface BoardParts {
  readonly title: string;
  readonly plan: BoardPlan;
  readonly look: CellLook;
  readonly font: FontName;
  cellAt(row: number, column: number): BoardCell | undefined;
}

/** A finished board. Cells are listed by rows. */
export interface BuiltBoard {
  readonly frame: FrameNode;
  readonly cells: readonly RectangleNode[];
}

const white: SolidPaint = { type: 'SOLID', color: { r: 1, g: 1, b: 1 } };
const ink: SolidPaint = { type: 'SOLID', color: { r: 0.12, g: 0.12, b: 0.12 } };
const faintInk: SolidPaint = { type: 'SOLID', color: { r: 0.4, g: 0.4, b: 0.4 } };
const emptyGrey: SolidPaint = { type: 'SOLID', color: { r: 0.93, g: 0.93, b: 0.93 } };

/** Builds the board on the page that is open; placing it is the caller's. */
export function buildBoard(parts: BoardParts): BuiltBoard {
  const { plan, title } = parts;
  const frame = stack('VERTICAL', words.boardName(title), plan.gap);
  frame.fills = [white];
  frame.paddingTop = frame.paddingBottom = frame.paddingLeft = frame.paddingRight = plan.padding;
  frame.appendChild(label(parts, title, { size: plan.titleSize, fill: ink }));
  const cells: RectangleNode[] = [];
  if (plan.isStrip) frame.appendChild(buildStrip(parts, cells));
  else for (const row of buildGrid(parts, cells)) frame.appendChild(row);
  return { frame, cells };
}

/** A header of column labels, and a line for each row. */
function buildGrid(parts: BoardParts, cells: RectangleNode[]): FrameNode[] {
  const { plan } = parts;
  const header = stack('HORIZONTAL', 'columns', plan.gap);
  const corner = { size: plan.labelSize, fill: faintInk, width: plan.rowLabelWidth };
  header.appendChild(label(parts, '', corner));
  for (const column of plan.columns)
    header.appendChild(label(parts, column, { size: plan.labelSize, fill: faintInk, width: plan.cellWidth }));
  const lines = plan.rows.map((row, rowIndex) => {
    const line = stack('HORIZONTAL', row, plan.gap);
    line.counterAxisAlignItems = 'CENTER';
    line.appendChild(label(parts, row, { size: plan.labelSize, fill: ink, width: plan.rowLabelWidth }));
    plan.columns.forEach((_, columnIndex) => line.appendChild(buildCell(parts, rowIndex, columnIndex, cells)));
    return line;
  });
  return [header, ...lines];
}

/** Steps side by side, each over its label; wraps where the plan says. */
function buildStrip(parts: BoardParts, cells: RectangleNode[]): FrameNode {
  const { plan } = parts;
  const strip = stack('HORIZONTAL', 'steps', plan.gap);
  strip.layoutWrap = 'WRAP';
  strip.counterAxisSpacing = plan.gap;
  strip.primaryAxisSizingMode = 'FIXED';
  strip.resize(plan.stripWidth, plan.cellHeight);
  strip.counterAxisSizingMode = 'AUTO';
  plan.columns.forEach((step, column) => {
    const cell = stack('VERTICAL', step, Math.round(plan.gap / 2));
    cell.appendChild(buildCell(parts, 0, column, cells));
    cell.appendChild(label(parts, step, { size: plan.labelSize, fill: faintInk, width: plan.cellWidth }));
    strip.appendChild(cell);
  });
  return strip;
}

function buildCell(parts: BoardParts, row: number, column: number, cells: RectangleNode[]): SceneNode {
  const { plan, look } = parts;
  const cell = parts.cellAt(row, column);
  if (cell === undefined) {
    const empty = figma.createFrame();
    empty.name = words.emptyCell;
    empty.resize(plan.cellWidth, plan.cellHeight);
    empty.fills = [emptyGrey];
    return empty;
  }
  const rectangle = figma.createRectangle();
  rectangle.name = words.cellName(plan.rows[row] ?? '', plan.columns[column] ?? '');
  rectangle.resize(plan.cellWidth, plan.cellHeight);
  const paint = withImage(look.paint, cell.imageHash, cell.widthRatio);
  rectangle.fills = [
    paint.scaleMode === 'TILE' ? { ...paint, scalingFactor: (paint.scalingFactor ?? 1) * plan.cellScale } : paint,
  ];
  const [topLeft, topRight, bottomRight, bottomLeft] = look.corners;
  rectangle.topLeftRadius = topLeft * plan.cellScale;
  rectangle.topRightRadius = topRight * plan.cellScale;
  rectangle.bottomRightRadius = bottomRight * plan.cellScale;
  rectangle.bottomLeftRadius = bottomLeft * plan.cellScale;
  if (cell.recipeText === null) markBoardPicture(rectangle, cell.imageHash);
  else mark(rectangle, cell.recipeText, look.originOf(cell.imageHash));
  cells.push(rectangle);
  return rectangle;
}

/** An auto-layout frame without fill that hugs what is in it. */
function stack(layoutMode: 'HORIZONTAL' | 'VERTICAL', name: string, spacing: number): FrameNode {
  const frame = figma.createFrame();
  frame.name = name;
  frame.fills = [];
  frame.clipsContent = false;
  frame.layoutMode = layoutMode;
  frame.primaryAxisSizingMode = 'AUTO';
  frame.counterAxisSizingMode = 'AUTO';
  frame.itemSpacing = spacing;
  return frame;
}

/** A text of its own width, or of a fixed one in which it wraps. */
function label(
  { font }: BoardParts,
  characters: string,
  look: { readonly size: number; readonly fill: SolidPaint; readonly width?: number },
): TextNode {
  const text = figma.createText();
  text.fontName = font;
  text.fontSize = look.size;
  text.characters = characters;
  text.fills = [look.fill];
  if (look.width !== undefined) {
    text.textAutoResize = 'HEIGHT';
    text.resize(look.width, text.height);
  }
  return text;
}
