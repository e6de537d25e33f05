import {
  activeRecipe,
  captureAgain,
  captureLayer,
  commitEdit,
  createPhotoshopPort,
  enableReplay,
  recordEdit,
  replayMethodName,
  runEdit,
  type EditFunction,
  type PhotoshopPort,
} from '@deltaspace/photoshop-plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { find, replaceLayer, type Raster } from '../fakes/photoshop/document-state.js';
import { FakePhotoshop } from '../fakes/photoshop/fake-photoshop.js';
import { header, paintGlasses, picture, portrait } from '../fakes/photoshop/scenes.js';

let photoshop: FakePhotoshop;
let port: PhotoshopPort;
beforeEach(() => {
  photoshop = new FakePhotoshop();
  port = createPhotoshopPort(photoshop.modules);
});
afterEach(() => expect(photoshop.images.undisposed).toBe(0));

const of = header({ depth: 16, profile: 'Adobe RGB (1998)' });

/** Stands in for core and daemon: the recipe is how dark the glasses are. */
const edit: EditFunction = (capture, recipe) => {
  const painted = paintGlasses(capture);
  const strength = Number(recipe);
  const edited = painted.map((value, at) => Math.round(capture.rgba[at]! + (value - capture.rgba[at]!) * strength));
  return Promise.resolve({ edited, name: `sunglasses +${strength}` });
};

const movedBy = (raster: Raster, right: number, down: number): Raster => ({
  ...raster,
  bounds: {
    left: raster.bounds.left + right,
    top: raster.bounds.top + down,
    right: raster.bounds.right + right,
    bottom: raster.bounds.bottom + down,
  },
});

describe('a result', () => {
  it('of a part of a layer is edited again from that part, wherever the layer was moved', async () => {
    const document = photoshop.open(of, portrait(of));
    const area = { left: 4, top: 2, right: 36, bottom: 34 };
    const capture = await captureLayer(port, { within: area });
    expect(capture.bounds).toEqual(area);
    const { edited, name } = await edit(capture, '1');
    await commitEdit(port, { capture, edited, name, recipe: '1' });
    document.changeByUser('Move', (state) => ({
      ...state,
      layers: replaceLayer(state.layers, 7, (layer) => ({ ...layer, raster: movedBy(layer.raster!, 5, -3) })),
    }));
    const again = await captureAgain(port);
    expect(again.capture.bounds).toEqual({ left: 9, top: -1, right: 41, bottom: 31 });
    expect(again.capture.rgba).toEqual(capture.rgba);
  });

  it('is edited again from its source, in one step, on the same layer', async () => {
    const document = photoshop.open(of, portrait(of));
    const first = await runEdit(port, edit, '1');
    const firstPixels = find(document.state, first.layerId)!.layer.raster!;
    const again = await captureAgain(port);
    expect(again).toMatchObject({ resultLayerId: first.layerId, recipe: { edit: '1', sourceId: 7 } });
    expect(again.capture.layer.id).toBe(7);
    const { edited, name } = await edit(again.capture, '2');
    const second = await commitEdit(port, { ...again, edited, name, recipe: '2', replaceLayerId: again.resultLayerId });
    expect(second.layerId).toBe(first.layerId);
    expect(document.history.map((entry) => entry.name)).toEqual([
      'Open',
      'deltaspace: sunglasses +1',
      'deltaspace: sunglasses +2',
    ]);
    const layer = find(document.state, second.layerId)!.layer;
    expect(layer.name).toBe('sunglasses +2');
    expect(layer.raster!.samples).not.toEqual(firstPixels.samples);
    expect((await activeRecipe(port))?.edit).toBe('2');
    // The same as if it had been done at once.
    const other = new FakePhotoshop();
    const otherDocument = other.open(of, portrait(of));
    const direct = await runEdit(createPhotoshopPort(other.modules), edit, '2');
    expect(layer.raster!.samples).toEqual(find(otherDocument.state, direct.layerId)!.layer.raster!.samples);
    expect(layer.mask).toEqual(find(otherDocument.state, direct.layerId)!.layer.mask);
  });

  it('is found again after the document was saved and opened', async () => {
    const document = photoshop.open(of, portrait(of));
    const { layerId } = await runEdit(port, edit, '1');
    const opened = photoshop.openFile(photoshop.save(document));
    expect(opened.header.profile).toBe('Adobe RGB (1998)');
    opened.changeByUser('Select', (state) => ({ ...state, activeIds: [layerId] }));
    expect((await captureAgain(port)).recipe.edit).toBe('1');
  });

  it('finds its source by name when ids were given anew', async () => {
    const document = photoshop.open(of, portrait(of));
    await runEdit(port, edit, '1');
    document.changeByUser('Duplicate', (state) => ({
      ...state,
      layers: replaceLayer(state.layers, 7, (layer) => ({ ...layer, id: 70 })),
    }));
    expect((await captureAgain(port)).capture.layer.id).toBe(70);
  });

  it('that was locked is not replaced: the person is told to unlock it', async () => {
    const document = photoshop.open(of, portrait(of));
    const { layerId } = await runEdit(port, edit, '1');
    const { capture } = await captureAgain(port);
    document.changeByUser('Lock', (state) => ({
      ...state,
      layers: replaceLayer(state.layers, layerId, (layer) => ({ ...layer, isLocked: true })),
    }));
    const { edited, name } = await edit(capture, '2');
    const again = { capture, edited, name, recipe: '2', replaceLayerId: layerId };
    await expect(commitEdit(port, again)).rejects.toMatchObject({
      code: 'result_locked',
      message: expect.stringContaining('Unlock it') as string,
    });
  });

  it('says so when its source is gone, or when it is no result', async () => {
    const document = photoshop.open(of, portrait(of));
    await expect(captureAgain(port)).rejects.toMatchObject({ code: 'no_recipe' });
    await runEdit(port, edit, '1');
    document.changeByUser('Delete', (state) => ({ ...state, layers: replaceLayer(state.layers, 7, () => undefined) }));
    await expect(captureAgain(port)).rejects.toMatchObject({ code: 'source_gone' });
  });
});

describe('a recorded edit', () => {
  it('is played on another document, in one step and one modal scope', async () => {
    photoshop.open(of, portrait(of));
    enableReplay(port, edit);
    const { layerId } = await runEdit(port, edit, '1.5');
    await recordEdit(port, 'sunglasses +1.5', '1.5');
    expect(layerId).toBeGreaterThan(0);
    const gray = header({ name: 'other.psd', mode: 'grayscale', profile: 'Gray Gamma 2.2' });
    const other = photoshop.open(gray, portrait(gray));
    const scopes = photoshop.modality.scopes.length;
    await photoshop.playAction();
    expect(other.history.map((entry) => entry.name)).toEqual(['Open', 'deltaspace: sunglasses +1.5']);
    expect(photoshop.modality.scopes.slice(scopes)).toEqual(['Play']);
    // And afterwards scopes are asked for again.
    await captureLayer(port);
    expect(photoshop.modality.scopes).toHaveLength(scopes + 2);
  });

  it('of a part of a layer is played at the same place of a layer of another size', async () => {
    photoshop.open(of, portrait(of));
    enableReplay(port, edit);
    const capture = await captureLayer(port, { within: { left: 24, top: 10, right: 48, bottom: 30 } });
    await recordEdit(port, 'sunglasses +1', '1', capture);
    const large = header({ name: 'large.psd', width: 96, height: 80 });
    const whole = { left: 0, top: 0, right: 96, bottom: 80 };
    const other = photoshop.open(large, portrait(large, { raster: picture(large, whole, () => 1) }));
    await photoshop.playAction();
    expect((await activeRecipe(port))?.area).toEqual({ left: 48, top: 20, right: 96, bottom: 60 });
    expect(find(other.state, other.state.activeIds[0]!)!.layer.raster!.bounds.left).toBeGreaterThanOrEqual(48);
  });

  it('of a whole layer holds no place', async () => {
    photoshop.open(of, portrait(of));
    await recordEdit(port, 'sunglasses +1', '1', await captureLayer(port));
    expect(photoshop.recorded[0]!.parameters).toEqual({ recipe: '1' });
  });

  it.each(['[0,0,1]', '[0,0,2,1]', '[1,0,0,1]', '{"left":0}', 'left', '['])(
    'with a place of %s is refused',
    async (share) => {
      photoshop.open(of, portrait(of));
      enableReplay(port, edit);
      photoshop.recorded.push({ name: 'odd', methodName: replayMethodName, parameters: { recipe: '1', share } });
      await expect(photoshop.playAction()).rejects.toMatchObject({ code: 'recipe_unreadable' });
    },
  );

  it('without a recipe that can be read is refused, and the action stops', async () => {
    photoshop.open(of, portrait(of));
    enableReplay(port, edit);
    photoshop.recorded.push({ name: 'odd', methodName: replayMethodName, parameters: {} });
    await expect(photoshop.playAction()).rejects.toMatchObject({ code: 'recipe_unreadable' });
  });
});
