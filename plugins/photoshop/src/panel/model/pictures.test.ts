import { describe, expect, it } from 'vitest';
import type { Picture } from '../../host/uxp-globals.js';
import { cutPicture, reducePicture } from './pictures.js';

function painted(widthPx: number, heightPx: number, paint: (x: number, y: number) => number[]): Picture {
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
    rgba.set(paint(pixel % widthPx, Math.floor(pixel / widthPx)), pixel * 4);
  }
  return { rgba, widthPx, heightPx };
}

describe('a reduced picture', () => {
  it('is the picture itself when that is small enough', () => {
    const picture = painted(8, 4, () => [1, 2, 3, 255]);
    expect(reducePicture(picture, 8)).toBe(picture);
  });

  it('holds the mean of each box, and keeps the shape', () => {
    const picture = painted(8, 4, (x, y) => [x * 10, y * 10, 7, 255]);
    const { rgba, widthPx, heightPx } = reducePicture(picture, 4);
    expect([widthPx, heightPx]).toEqual([4, 2]);
    expect([...rgba.subarray(0, 4)]).toEqual([5, 5, 7, 255]);
    expect([...rgba.subarray(rgba.length - 4)]).toEqual([65, 25, 7, 255]);
  });

  it('is not darkened by pixels that are transparent', () => {
    const picture = painted(2, 2, (x) => (x === 0 ? [200, 100, 50, 255] : [0, 0, 0, 0]));
    expect([...reducePicture(picture, 1).rgba]).toEqual([200, 100, 50, 128]);
  });

  it('uses every pixel of a picture whose side is no multiple', () => {
    const picture = painted(7, 1, (x) => [x === 6 ? 255 : 0, 0, 0, 255]);
    const { rgba, widthPx, heightPx } = reducePicture(picture, 3);
    expect([widthPx, heightPx]).toEqual([3, 1]);
    expect(rgba[8]).toBe(85); // the last box has three pixels, one of them red
  });
});

describe('a cut', () => {
  it('has the pixels of that part', () => {
    const picture = painted(5, 4, (x, y) => [x, y, 0, 255]);
    const { rgba, widthPx, heightPx } = cutPicture(picture, { x: 2, y: 1, width: 3, height: 2 });
    expect([widthPx, heightPx]).toEqual([3, 2]);
    expect([...rgba.subarray(0, 2), ...rgba.subarray(20, 22)]).toEqual([2, 1, 4, 2]);
  });
});
