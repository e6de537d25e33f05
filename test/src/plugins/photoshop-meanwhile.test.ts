import {
  captureLayer,
  commitEdit,
  createPhotoshopPort,
  HostError,
  type LayerError,
  modalLimits,
  placeEdit,
  wordsFor,
  type Capture,
  type PhotoshopPort,
} from '@deltaspace/photoshop-plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { find, replaceLayer } from '../fakes/photoshop/document-state.js';
import { FakePhotoshop } from '../fakes/photoshop/fake-photoshop.js';
import type { OpenDocument } from '../fakes/photoshop/open-document.js';
import { header, paintGlasses, picture, portrait } from '../fakes/photoshop/scenes.js';
import { canvas, opaque } from '../fakes/photoshop/scenes.js';

let photoshop: FakePhotoshop;
let port: PhotoshopPort;
let document: OpenDocument;
let capture: Capture;
beforeEach(async () => {
  photoshop = new FakePhotoshop();
  port = createPhotoshopPort(photoshop.modules);
  document = photoshop.open(header({ depth: 16 }), portrait(header({ depth: 16 })));
  capture = await captureLayer(port);
});
afterEach(() => expect(photoshop.images.undisposed).toBe(0));

const request = (edited = paintGlasses(capture)) => ({ capture, edited, name: 'sunglasses +1.0', recipe: '{}' });
const commit = (edited?: Uint8Array) => commitEdit(port, request(edited));
const removeFace = (): void =>
  document.changeByUser('Delete Layer', (state) => ({
    ...state,
    layers: replaceLayer(state.layers, 7, () => undefined),
    activeIds: [2],
  }));

describe('between capture and commit', () => {
  it('the layer may be deleted: nothing is written, and the result can be placed on its own', async () => {
    removeFace();
    const before = document.state;
    const error = (await commit().catch((reason: unknown) => reason)) as LayerError;
    expect(error).toMatchObject({ code: 'layer_gone', canPlace: true });
    expect(wordsFor(error)).toContain('"face" was deleted meanwhile');
    expect(document.state).toBe(before);
    const { layerId, bounds } = await placeEdit(port, request());
    expect(document.state.layers.map(({ id }) => id)).toEqual([9, layerId, 2]);
    expect(document.history).toHaveLength(3);
    const { samples, bounds: placed } = find(document.state, layerId)!.layer.raster!;
    expect(placed).toEqual(bounds);
    const edited = paintGlasses(capture);
    const at = (Math.round(40 * 0.45) * 48 + Math.round(48 * 0.35)) * 4;
    const width = bounds.right - bounds.left;
    const placedAt = ((Math.round(40 * 0.45) - bounds.top) * width + Math.round(48 * 0.35) - bounds.left) * 4;
    expect(samples[placedAt]).toBe(Math.round((edited[at]! * 32_768) / 255));
  });

  it('the document may be closed', async () => {
    photoshop.close(document);
    const error = (await commit().catch((reason: unknown) => reason)) as LayerError;
    expect(error).toMatchObject({ code: 'document_closed', canPlace: false });
  });

  it('another document may come to the front: the edit goes where it belongs', async () => {
    const other = photoshop.open(header({ name: 'other.psd' }), portrait(header()));
    await commit();
    expect(other.history).toHaveLength(1);
    expect(port.activeDocument()!.id).toBe(other.id);
    expect(document.history).toHaveLength(2);
  });

  it('a document with a layer of the same id may come to the front: the layer is read where it is', async () => {
    const other = photoshop.open(header({ name: 'other.psd' }), portrait(header()));
    const again = await captureLayer(port, { document: capture.document, layerId: 7 });
    expect(again.document.id).toBe(document.id);
    expect(again.rgba).toEqual(capture.rgba);
    photoshop.close(document);
    await expect(captureLayer(port, { document: capture.document, layerId: 7 })).rejects.toMatchObject({
      code: 'document_closed',
    });
    expect(other.history).toHaveLength(1);
  });

  it('the depth may be changed', async () => {
    document.header = header({ depth: 8 });
    await expect(commit()).rejects.toMatchObject({ code: 'document_changed' });
  });

  it('the person may paint on: the edit is added to what is there now', async () => {
    const of = header({ depth: 16 });
    const painted = picture(of, canvas, opaque);
    painted.samples.forEach((value, at) => {
      if (at % 4 === 0) painted.samples[at] = value + 3000;
    });
    document.changeByUser('Brush', (state) => ({
      ...state,
      layers: replaceLayer(state.layers, 7, (layer) => ({ ...layer, raster: painted })),
    }));
    const { layerId, bounds } = await commit();
    const { samples } = find(document.state, layerId)!.layer.raster!;
    const [x, y] = [Math.round(48 * 0.35), Math.round(40 * 0.45)];
    const at = ((y - bounds.top) * (bounds.right - bounds.left) + x - bounds.left) * 4;
    expect(samples[at]).toBe(painted.samples[(y * 48 + x) * 4]! - Math.round((40 * 32_768) / 255));
  });

  it('the selected layer may be another one: the edit still goes above its source', async () => {
    document.changeByUser('Select', (state) => ({ ...state, activeIds: [2] }));
    const { layerId } = await commit();
    expect(document.state.layers.map(({ id }) => id)).toEqual([9, layerId, 7, 2]);
  });
});

describe('an edit that changes nothing', () => {
  it('is refused without touching Photoshop', async () => {
    const scopes = photoshop.modality.scopes.length;
    const rounding = capture.rgba.map((value) => (value < 255 ? value + 1 : value));
    await expect(commit(rounding)).rejects.toMatchObject({ code: 'nothing_changed' });
    expect(photoshop.modality.scopes).toHaveLength(scopes);
  });

  it('of another size is refused too', async () => {
    await expect(commit(new Uint8Array(16))).rejects.toMatchObject({ code: 'size_mismatch' });
  });

  it('because its source was painted away leaves no layer', async () => {
    const away = picture(header({ depth: 16 }), canvas, (x) => (x < 2 ? 1 : 0));
    document.changeByUser('Erase', (state) => ({
      ...state,
      layers: replaceLayer(state.layers, 7, (layer) => ({ ...layer, raster: away })),
    }));
    await expect(commit()).rejects.toMatchObject({ code: 'nothing_changed' });
    expect(document.state.layers).toHaveLength(3);
    expect(document.history).toHaveLength(2);
  });
});

describe('another plugin that is modal', () => {
  it('is waited for', async () => {
    photoshop.modality.occupy(modalLimits.attempts - 1);
    await commit();
    expect(photoshop.waitedMs).toBeGreaterThan(modalLimits.longestDelayMs);
    expect(document.history).toHaveLength(2);
  });

  it('is given up on in the end, with words', async () => {
    photoshop.modality.occupy(modalLimits.attempts);
    const error: unknown = await commit().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HostError);
    expect(error).toMatchObject({ code: 'busy' });
    expect(wordsFor(error)).toContain('Photoshop is busy');
    expect(document.history).toHaveLength(1);
  });
});

describe('Esc', () => {
  it('cancels a commit wherever it is, leaves the document as it was, and no image data', async () => {
    const before = document.state;
    let cancelled = 0;
    for (let calls = 1; calls < 60; calls++) {
      photoshop.modality.cancelAfterCalls = calls;
      const error: unknown = await commit().catch((reason: unknown) => reason);
      if (!(error instanceof HostError)) break;
      expect(error.code).toBe('cancelled');
      expect(document.state).toBe(before);
      expect(photoshop.images.undisposed).toBe(0);
      cancelled++;
    }
    expect(cancelled).toBeGreaterThan(10);
    expect(document.history).toHaveLength(2); // the last one was let through
  });

  it('cancels a capture', async () => {
    photoshop.modality.cancelAfterCalls = 0;
    await expect(captureLayer(port)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a failure of the host in the middle of a commit', () => {
  it('is rolled back, whichever call it is', async () => {
    const before = document.state;
    const { modules } = photoshop;
    const failing = createPhotoshopPort({
      ...modules,
      imaging: { ...modules.imaging, putLayerMask: () => Promise.reject(new Error('scratch disk full')) },
    });
    await expect(commitEdit(failing, request())).rejects.toThrow('scratch disk full');
    expect(document.state).toBe(before);
    expect(document.history).toHaveLength(1);
  });
});

describe('notifications', () => {
  it('tell of changes by the person, not of our own, until they are stopped', async () => {
    let heard = 0;
    const stop = await port.watch(() => heard++);
    await commit();
    expect(heard).toBe(0);
    document.changeByUser('Select', (state) => ({ ...state, activeIds: [2] }));
    expect(heard).toBe(1);
    await stop();
    document.changeByUser('Select', (state) => ({ ...state, activeIds: [7] }));
    expect(heard).toBe(1);
  });
});

describe('the fake Photoshop', () => {
  it('lets nobody write outside of a modal scope', async () => {
    const target = photoshop.modules.app.documents[0]!;
    await expect(target.createPixelLayer()).rejects.toThrow('only allowed from inside a modal scope');
  });

  it('throws on members and commands that it does not have', async () => {
    const { app, action } = photoshop.modules;
    expect(() => (app as unknown as { fonts: unknown }).fonts).toThrow('no app.fonts');
    const unknown = { _obj: 'gaussianBlur', _options: { dialogOptions: 'dontDisplay' } };
    await expect(action.batchPlay([unknown], {})).rejects.toThrow('does not know the command "gaussianBlur"');
  });
});
