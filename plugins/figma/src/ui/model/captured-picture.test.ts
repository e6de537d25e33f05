import { describe, expect, it } from 'vitest';
import { type Capture, type Target } from '../../bridge/index.js';
import { BridgeError, type UiBridge } from '../ui-bridge.js';
import { capturePicture, fitWithin, isCropped } from './captured-picture.js';

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

  it('is cropped when the layer has other proportions', async () => {
    const bridge = { request: () => Promise.resolve(capture) } as unknown as Pick<UiBridge, 'request'>;
    expect(isCropped(await capturePicture(bridge, target))).toBe(false);
    expect(isCropped(await capturePicture(bridge, { ...target, heightPx: 60 }))).toBe(true);
    expect(isCropped(await capturePicture(bridge, { ...target, kind: 'export', heightPx: 60 }))).toBe(false);
  });
});
