/**
 * The board that is being prepared: opened for a layer, filled cell by cell, placed at once.
 *
 * Results go into Figma's image store as they come, so that main never holds more than one. The board stands on the page,
 * at the right of whatever its layer is in: a frame would clip it, auto-layout would move it, an instance takes nothing.
 */
import { type Answer, type BoardLayout, type Params } from '../bridge/index.js';
import { buildBoard, type BoardCell, type CellLook } from './board-frames.js';
import { freePlace, planBoard, type BoardPlan } from './board-plan.js';
import { MainFailure } from './failure.js';
import { loadLabelFont } from './fonts.js';
import { storeImage } from './images.js';
import { layerById, layersAround, pageOf } from './layers.js';
import { encodeRecipe, originOf } from './marks.js';
import { imageFillOf } from './paints.js';
import { requireEditable } from './targets.js';
import { asOneUndo } from './undo.js';

interface OpenBoard {
  readonly id: string;
  readonly title: string;
  readonly plan: BoardPlan;
  readonly look: CellLook;
  /** Width of the source's image in pixels, where it has one. */
  readonly sourceWidthPx: number | undefined;
  readonly page: PageNode;
  readonly source: SceneNode;
  /** Box of the outermost layer around the source, should the source be gone when the board is placed. */
  readonly beside: Rect;
  readonly cells: Map<string, BoardCell>;
}

const cellKey = (row: number, column: number): string => `${row}:${column}`;

export class Boards {
  #open: OpenBoard | undefined;
  #count = 0;

  /** @throws MainFailure when the layer cannot be edited. */
  async open({ targetId, title, layout }: Params<'board.open'>): Promise<Answer<'board.open'>> {
    const source = await layerById(targetId);
    requireEditable(source);
    const hash = imageFillOf(source)?.paint.imageHash;
    const image = hash === undefined ? null : figma.getImageByHash(hash);
    const size = image === null ? undefined : await image.getSizeAsync();
    if (source.removed) throw new MainFailure('layer_gone');
    const page = pageOf(source);
    await page.loadAsync();
    if (source.removed) throw new MainFailure('layer_gone');
    const id = `board-${++this.#count}`;
    this.#open = {
      id,
      title,
      plan: planBoard(layout, source),
      look: lookOf(source, layout),
      sourceWidthPx: size?.width,
      page,
      source,
      beside: boxAround(source),
      cells: new Map(),
    };
    return { boardId: id };
  }

  /** @throws MainFailure `no_board`, `image_invalid`, `image_too_large`, `recipe_too_large`. */
  addCell({ boardId, row, column, image, recipe }: Params<'board.cell'>): void {
    const board = this.#require(boardId);
    if (row >= board.plan.rows.length || column >= board.plan.columns.length)
      throw new Error(`expected a cell of the board, got row ${row}, column ${column}`);
    const recipeText = recipe === null ? null : encodeRecipe(recipe);
    const { hash, widthPx } = storeImage(image);
    const widthRatio = board.sourceWidthPx === undefined ? 1 : widthPx / board.sourceWidthPx;
    board.cells.set(cellKey(row, column), { imageHash: hash, widthRatio, recipeText });
  }

  /** Builds and shows the board: one undo step. */
  async place(boardId: string): Promise<Answer<'board.place'>> {
    const board = this.#require(boardId);
    const font = await loadLabelFont();
    this.#require(boardId); // dropped, or placed twice, meanwhile
    this.#open = undefined;
    const { frame, cells } = asOneUndo(() => {
      const siblings = board.page.children.map(boxOf).filter((box): box is Rect => box !== null);
      const built = buildBoard({
        title: board.title,
        plan: board.plan,
        look: board.look,
        font,
        cellAt: (row, column) => board.cells.get(cellKey(row, column)),
      });
      board.page.appendChild(built.frame);
      const beside = board.source.removed ? board.beside : boxAround(board.source);
      const place = freePlace(beside, built.frame, siblings);
      built.frame.x = place.x;
      built.frame.y = place.y;
      return built;
    });
    if (board.page.id === figma.currentPage.id) {
      board.page.selection = [frame];
      figma.viewport.scrollAndZoomIntoView([frame]);
    }
    return { nodeId: frame.id, cellIds: cells.map(({ id }) => id) };
  }

  /** Forgets a board; one that is not there is fine. */
  drop(boardId: string): void {
    if (this.#open?.id === boardId) this.#open = undefined;
  }

  #require(boardId: string): OpenBoard {
    if (this.#open?.id !== boardId) throw new MainFailure('no_board');
    return this.#open;
  }
}

/** Cells are cropped and filtered like their source; a picture of a layer fills its cell, and so do those of several layers. */
function lookOf(source: SceneNode, { kind }: BoardLayout): CellLook {
  const fill = imageFillOf(source);
  const origin = originOf(source);
  if (fill === null || origin?.kind === 'copy' || kind === 'mix') {
    const sourceId = origin?.kind === 'copy' ? origin.sourceId : source.id;
    return {
      paint: { type: 'IMAGE', scaleMode: 'FILL', imageHash: null },
      corners: [0, 0, 0, 0],
      originOf: (appliedHash) => ({ kind: 'copy', sourceId, appliedHash, isOverlay: false }),
    };
  }
  const imageHash = origin?.kind === 'fill' ? origin.imageHash : fill.paint.imageHash;
  return {
    paint: fill.paint,
    corners: cornersOf(source),
    originOf: (appliedHash) => ({ kind: 'fill', imageHash, appliedHash }),
  };
}

function cornersOf(source: SceneNode): CellLook['corners'] {
  if (!('topLeftRadius' in source)) return [0, 0, 0, 0];
  return [source.topLeftRadius, source.topRightRadius, source.bottomRightRadius, source.bottomLeftRadius];
}

const boxOf = (node: SceneNode): Rect | null => node.absoluteBoundingBox;

/** The box of the outermost layer around a layer, or its own. */
function boxAround(node: SceneNode): Rect {
  const around = layersAround(node);
  const outermost = around[around.length - 1] ?? node;
  const own = { x: 0, y: 0, width: node.width, height: node.height };
  const box = boxOf(outermost) ?? boxOf(node) ?? own;
  return { x: box.x, y: boxOf(node)?.y ?? box.y, width: box.width, height: box.height };
}
