import { type BoardLayout, type Params } from '@deltaspace/figma-plugin';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeDocument, type NodeData } from '../fakes/figma/document.js';
import { absoluteBox, overlaps } from '../fakes/figma/geometry.js';
import { FakeImages } from '../fakes/figma/images.js';
import { blue, croppedPaint, green, picture, red } from '../fakes/figma/pictures.js';
import { startPlugin, type RunningPlugin, type StartWish } from '../fakes/figma/run-plugin.js';

let plugin: RunningPlugin | undefined;
afterEach(() => {
  plugin?.close();
  plugin = undefined;
});

async function start(wish: StartWish): Promise<RunningPlugin> {
  plugin = await startPlugin(wish);
  return plugin;
}

const grid: BoardLayout = { kind: 'grid', rows: ['sunglasses', 'a smile'], columns: ['−2', '0', '+2'] };

/** A page with a photo among other layers. */
async function withPhoto(at: { readonly x: number; readonly y: number } = { x: 0, y: 0 }) {
  const document = new FakeDocument();
  const images = new FakeImages();
  const hash = images.create(await picture(120, 80, red));
  const photo = document.add('RECTANGLE', {
    name: 'Portrait',
    ...at,
    width: 300,
    height: 200,
    fills: [croppedPaint(hash)],
    settings: { topLeftRadius: 12 },
  });
  return { document, images, hash, photo };
}

/** Opens a board, fills every cell but those that are skipped, and places it. */
async function build(
  { request }: RunningPlugin,
  open: Params<'board.open'>,
  cells: readonly (readonly [row: number, column: number])[],
) {
  const { boardId } = await request('board.open', open);
  const image = await picture(120, 80, blue);
  for (const [row, column] of cells)
    await request('board.cell', { boardId, row, column, image, recipe: { row, column } });
  return { boardId, ...(await request('board.place', { boardId })) };
}

const every = (rows: number, columns: number): [number, number][] =>
  Array.from({ length: rows * columns }, (_, index) => [Math.floor(index / columns), index % columns]);

function allIn(document: FakeDocument, node: NodeData): NodeData[] {
  return [node, ...document.children(node).flatMap((child) => allIn(document, child))];
}

const textsIn = (document: FakeDocument, node: NodeData): unknown[] =>
  allIn(document, node)
    .filter(({ type }) => type === 'TEXT')
    .map(({ settings }) => settings['characters']);

describe('a variations board', () => {
  it('has rows of texts and columns of strengths, labelled, in line, as one undo step', async () => {
    const { document, images, hash, photo } = await withPhoto();
    const running = await start({ document, images });
    const before = document.snapshot();
    const open = { targetId: photo.id, title: 'Portrait', layout: grid };
    const { nodeId, cellIds } = await build(running, open, every(2, 3));
    const board = document.get(nodeId);
    document.settle();

    expect(board.name).toBe('deltaspace · Portrait');
    expect(board.settings['layoutMode']).toBe('VERTICAL');
    expect(textsIn(document, board)).toEqual(['Portrait', '', '−2', '0', '+2', 'sunglasses', 'a smile']);
    expect(cellIds).toHaveLength(6);
    const boxes = cellIds.map((id) => absoluteBox(document, document.get(id)));
    expect(new Set(boxes.map(({ x }) => x)).size).toBe(3);
    expect(new Set(boxes.map(({ y }) => y)).size).toBe(2);
    for (const [index, box] of boxes.entries()) {
      expect([box.width, box.height].map(Math.round)).toEqual([300, 200]);
      expect(boxes.some((other, at) => at !== index && overlaps(box, other))).toBe(false);
    }
    const columnLabel = allIn(document, board).find(({ settings }) => settings['characters'] === '+2') as NodeData;
    expect(absoluteBox(document, columnLabel).x).toBe(boxes[2]?.x);

    const cell = document.get(cellIds[5] as string);
    expect(cell.name).toBe('a smile · +2');
    expect(cell.fills).toEqual([{ ...croppedPaint(hash), imageHash: images.create(await picture(120, 80, blue)) }]);
    expect(cell.settings['topLeftRadius']).toBe(12);
    expect(Object.keys(cell.relaunchData)).toEqual(['edit', 'variations']);
    expect(running.editor.selectedIds).toEqual([nodeId]);
    expect(running.editor.seen.zoomedTo).toEqual([[nodeId]]);

    expect(document.undoSteps).toBe(1);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });

  it('has cells that can be edited again, from the picture of their source', async () => {
    const { document, images, hash, photo } = await withPhoto();
    const running = await start({ document, images });
    const { cellIds } = await build(running, { targetId: photo.id, title: '', layout: grid }, every(2, 3));
    const cellId = cellIds[4] as string;
    expect(await running.request('recipe', { targetId: cellId })).toEqual({ recipe: { row: 1, column: 1 } });
    const capture = await running.request('capture', { targetId: cellId, from: 'original' });
    expect(capture.sourceKey).toBe(hash);
  });

  it('leaves room for cells that never came', async () => {
    const { document, images, photo } = await withPhoto();
    const running = await start({ document, images });
    const open = { targetId: photo.id, title: '', layout: grid };
    const { nodeId, cellIds } = await build(running, open, [[1, 2]]);
    expect(cellIds).toHaveLength(1);
    const empty = allIn(document, document.get(nodeId)).filter(({ name }) => name === 'empty');
    expect(empty).toHaveLength(5);
    document.settle();
    expect(absoluteBox(document, document.get(cellIds[0] as string)).x).toBe(
      absoluteBox(document, empty[2] as NodeData).x,
    );
  });

  it('wraps a long strip from one end to the other', async () => {
    const { document, images, photo } = await withPhoto();
    const running = await start({ document, images });
    const steps = Array.from({ length: 9 }, (_, index) => `${index * 12.5} %`);
    const layout: BoardLayout = { kind: 'strip', steps };
    const { cellIds } = await build(running, { targetId: photo.id, title: 'smile → angry', layout }, every(1, 9));
    document.settle();
    const boxes = cellIds.map((id) => absoluteBox(document, document.get(id)));
    expect(new Set(boxes.map(({ y }) => y)).size).toBe(2);
    expect(new Set(boxes.map(({ x }) => x)).size).toBe(6);
    expect(boxes[6]?.x).toBe(boxes[0]?.x);
  });

  it('lays out a mix of contents and styles', async () => {
    const { document, images, photo } = await withPhoto();
    const running = await start({ document, images });
    const layout: BoardLayout = { kind: 'mix', contents: ['Anna'], styles: ['Bob', 'Cid'] };
    const { nodeId } = await build(running, { targetId: photo.id, title: 'mix', layout }, every(1, 2));
    expect(textsIn(document, document.get(nodeId))).toEqual(['mix', '', 'Bob', 'Cid', 'Anna']);
  });

  it('stands at the right of its layer where nothing is in the way', async () => {
    const { document, images, photo } = await withPhoto({ x: 50, y: 70 });
    const near = document.add('FRAME', { x: 400, y: 0, width: 100, height: 400 });
    const far = document.add('FRAME', { x: 900, y: 100, width: 300, height: 50 });
    const running = await start({ document, images });
    const { nodeId } = await build(running, { targetId: photo.id, title: '', layout: grid }, every(2, 3));
    document.settle();
    const box = absoluteBox(document, document.get(nodeId));
    expect([box.x, box.y]).toEqual([1280, 70]);
    for (const other of [photo, near, far]) expect(overlaps(box, absoluteBox(document, other))).toBe(false);
  });

  it.each(['INSTANCE', 'FRAME'] as const)('stands on the page when its layer is within %s', async (type) => {
    const document = new FakeDocument();
    const images = new FakeImages();
    const hash = images.create(await picture(30, 30, red));
    const settings = type === 'FRAME' ? { layoutMode: 'VERTICAL', counterAxisSizingMode: 'AUTO' } : {};
    const outer = document.add(type, { x: 10, y: 20, width: 500, height: 500, settings });
    const photo = document.add('RECTANGLE', { parent: outer, fills: [croppedPaint(hash)] });
    const running = await start({ document, images });
    const inside = [...document.get(outer.id).childIds];
    const { nodeId } = await build(running, { targetId: photo.id, title: '', layout: grid }, every(2, 3));
    expect(document.get(nodeId).parentId).toBe(document.page.id);
    expect(document.get(outer.id).childIds).toEqual(inside);
    document.settle();
    expect(overlaps(absoluteBox(document, document.get(nodeId)), absoluteBox(document, outer))).toBe(false);
  });

  it('is built of pictures where the layer has no image of its own', async () => {
    const document = new FakeDocument();
    const card = document.add('FRAME', { width: 3000, height: 1500 });
    const running = await start({ document });
    const { cellIds } = await build(running, { targetId: card.id, title: '', layout: grid }, every(2, 3));
    const cell = document.get(cellIds[0] as string);
    expect([cell.width, cell.height]).toEqual([640, 320]);
    expect(cell.fills).toMatchObject([{ scaleMode: 'FILL' }]);
    const capture = await running.request('capture', { targetId: cell.id, from: 'original' });
    expect([capture.kind, capture.widthPx]).toEqual(['export', 4096]);
    await expect(running.request('restore', { targetIds: [cell.id] })).resolves.toMatchObject({ restoredIds: [] });
  });

  it('takes another font when the first is missing', async () => {
    const { document, images, photo } = await withPhoto();
    const papyrus = { family: 'Papyrus', style: 'Condensed' };
    const running = await start({ document, images, fonts: [papyrus] });
    const { nodeId } = await build(running, { targetId: photo.id, title: 'x', layout: grid }, every(2, 3));
    const text = allIn(document, document.get(nodeId)).find(({ type }) => type === 'TEXT');
    expect(text?.settings['fontName']).toEqual(papyrus);
  });

  it('is placed although its layer was deleted meanwhile, where the layer was', async () => {
    const { document, images, photo } = await withPhoto();
    const running = await start({ document, images });
    const { boardId } = await running.request('board.open', { targetId: photo.id, title: '', layout: grid });
    const image = await picture(20, 20, green);
    await running.request('board.cell', { boardId, row: 0, column: 0, image, recipe: {} });
    document.remove(document.get(photo.id));
    const { nodeId } = await running.request('board.place', { boardId });
    document.settle();
    expect(absoluteBox(document, document.get(nodeId)).x).toBe(380);
  });

  it('changes nothing when it is dropped, and is placed once only', async () => {
    const { document, images, photo } = await withPhoto();
    const running = await start({ document, images });
    const before = document.snapshot();
    const open = { targetId: photo.id, title: '', layout: grid };
    const { boardId } = await running.request('board.open', open);
    await running.request('board.drop', { boardId });
    await expect(running.request('board.place', { boardId })).rejects.toMatchObject({ code: 'no_board' });
    expect(document.snapshot()).toEqual(before);
    const placed = await build(running, open, [[0, 0]]);
    const again = running.request('board.place', { boardId: placed.boardId });
    await expect(again).rejects.toMatchObject({ code: 'no_board' });
  });

  describe('of pictures that no recipe makes', () => {
    /** A strip whose only picture is one of its own, and a board of the styles of two layers. */
    async function placeOwn(layout: BoardLayout) {
      const { document, images, hash, photo } = await withPhoto();
      const running = await start({ document, images });
      const { boardId } = await running.request('board.open', { targetId: photo.id, title: '', layout });
      const image = await picture(120, 80, blue);
      await running.request('board.cell', { boardId, row: 0, column: 0, image, recipe: null });
      const { cellIds } = await running.request('board.place', { boardId });
      const own = images.create(image);
      return { ...running, document, images, hash, own, cellId: cellIds[0] as string };
    }
    const strip: BoardLayout = { kind: 'strip', steps: ['50 %'] };

    it('says so instead of opening another edit, and starts from what the cell shows', async () => {
      const { document, editor, request, nextSelection, own, cellId } = await placeOwn(strip);
      expect(await request('recipe', { targetId: cellId })).toEqual({ recipe: null });
      expect(Object.keys(document.get(cellId).relaunchData)).toEqual(['variations']);
      const told = nextSelection();
      editor.select(document.get(cellId));
      const [target] = (await told).targets;
      expect(target).toMatchObject({ hasRecipe: false, canRestore: false });
      expect(target?.notes.map(({ code }) => code)).toContain('board_picture');
      expect((await request('capture', { targetId: cellId, from: 'original' })).sourceKey).toBe(own);
    });

    it('keeps the picture as the original of later edits', async () => {
      const { editor, request, nextSelection, own, cellId, document } = await placeOwn(strip);
      const result = { targetId: cellId, sourceKey: own, recipe: { text: 'smile' }, label: 'smile' };
      await request('apply', { ...result, image: await picture(120, 80, green) });
      await request('apply', { ...result, image: await picture(120, 80, red) });
      expect((await request('capture', { targetId: cellId, from: 'original' })).sourceKey).toBe(own);
      const told = nextSelection();
      editor.select(document.get(cellId));
      const [target] = (await told).targets;
      expect(target).toMatchObject({ hasRecipe: true, canRestore: true });
      expect(target?.notes.map(({ code }) => code)).not.toContain('board_picture');
    });

    it('does not crop the pictures of other layers as the first one is cropped', async () => {
      const { document, own, cellId } = await placeOwn({ kind: 'mix', contents: ['Anna'], styles: ['Bob'] });
      expect(document.get(cellId).fills).toEqual([{ type: 'IMAGE', scaleMode: 'FILL', imageHash: own }]);
    });
  });
});
