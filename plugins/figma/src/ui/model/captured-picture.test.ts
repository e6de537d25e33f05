import { describe, expect, it, vi } from 'vitest';
import { type Capture, type Target } from '../../bridge/index.js';
import { BridgeError, type UiBridge } from '../ui-bridge.js';
import { capturePicture, fitWithin, isCut } from './captured-picture.js';

const target: Target = {
  id: '1:2',
  name: 'Photo',
  kind: 'fill',
  nodeType: 'RECTANGLE',
  widthPx: 60,
  heightPx: 40,
  hasRecipe: true,
  canRestore: true,
  notes: [],
};
const capture: Capture = {
  targetId: '1:2',
  kind: 'fill',
  bytes: new Uint8Array([1]),
  mediaType: 'image/jpeg',
  widthPx: 120,
  heightPx: 80,
  sourceKey: 'abc',
};

describe('a captured picture', () => {
  it('is of what was there before our edits, and of what is there when that is gone', async () => {
    const asked: unknown[] = [];
    const request = (_: string, params: { from: string }) => {
      asked.push(params.from);
      return params.from === 'original'
        ? Promise.reject(new BridgeError({ code: 'original_gone', message: 'Gone.' }))
        : Promise.resolve(capture);
    };
    const picture = await capturePicture({ request } as unknown as Pick<UiBridge, 'request'>, target);
    expect(asked).toEqual(['original', 'current']);
    expect(picture).toMatchObject({ sourceKey: 'abc', isScaled: false, widthPx: 120 });
    expect(picture.layer.pixels).toEqual({ encoding: 'file', bytes: capture.bytes });
  });

  it('keeps its proportions within a bound, and at least a pixel', () => {
    expect(fitWithin({ widthPx: 8192, heightPx: 2048 }, 4096)).toEqual({ widthPx: 4096, heightPx: 1024 });
    expect(fitWithin({ widthPx: 100, heightPx: 9000 }, 4096)).toEqual({ widthPx: 46, heightPx: 4096 });
    expect(fitWithin({ widthPx: 1, heightPx: 9000 }, 4096)).toEqual({ widthPx: 1, heightPx: 4096 });
    expect(fitWithin({ widthPx: 4096, heightPx: 4096 }, 4096)).toEqual({ widthPx: 4096, heightPx: 4096 });
  });

  it('is scaled when either side is too long, by a pixel if need be', async () => {
    vi.stubGlobal('createImageBitmap', () => Promise.resolve({}));
    const scaled = new Blob([new Uint8Array([7])]);
    class Canvas {
      readonly getContext = (): null => null;
      readonly convertToBlob = (): Promise<Blob> => Promise.resolve(scaled);
    }
    vi.stubGlobal('OffscreenCanvas', Canvas);
    const high = { ...capture, widthPx: 1000, heightPx: 4097 };
    const bridge = { request: () => Promise.resolve(high) } as unknown as Pick<UiBridge, 'request'>;
    const picture = await capturePicture(bridge, target);
    expect(picture).toMatchObject({ isScaled: true, widthPx: 1000, heightPx: 4096 });
    expect(picture.bytes.bytes).toEqual(new Uint8Array([7]));
    vi.unstubAllGlobals();
  });

  it('is cut when the layer cuts it to other proportions', async () => {
    const bridge = { request: () => Promise.resolve(capture) } as unknown as Pick<UiBridge, 'request'>;
    expect(isCut(await capturePicture(bridge, { ...target, cutTo: 1.5 }))).toBe(false);
    expect(isCut(await capturePicture(bridge, { ...target, cutTo: 1 }))).toBe(true);
    expect(isCut(await capturePicture(bridge, { ...target, heightPx: 60 }))).toBe(false);
  });
});
