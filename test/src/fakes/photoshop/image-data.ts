/** Image data of the fake Photoshop's imaging API, and the account of what was not disposed. */
import type { PixelSpace } from './colour.js';
import { linearName } from './pixel-space.js';
import type { Samples } from './samples.js';
import { strict } from './strict.js';

export interface ImageContents {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly samples: Samples;
  readonly space: PixelSpace;
}

export class ImageDataLedger {
  readonly #contents = new Map<object, ImageContents>();
  /** How many were ever made. */
  made = 0;

  /** How many live still. A test that ends with one has found a leak. */
  get undisposed(): number {
    return this.#contents.size;
  }

  create(contents: ImageContents): object {
    const { width, height, components, samples, space } = contents;
    if (samples.length !== width * height * components) {
      throw new Error(`${samples.length} samples are not ${width} × ${height} × ${components}`);
    }
    const check = (): void => {
      if (!this.#contents.has(data)) throw new Error('this image data was disposed');
    };
    const data: object = strict(
      {
        width,
        height,
        components,
        colorSpace: space.space,
        // 32-bit data is linear, and its profile's name says so.
        colorProfile: space.depth === 32 && space.space === 'RGB' ? linearName(space.profile) : space.profile,
        componentSize: space.depth,
        hasAlpha: components % 2 === 0,
        getData: async ({ chunky = true, fullRange = false }: { chunky?: boolean; fullRange?: boolean } = {}) => {
          await Promise.resolve();
          check();
          if (!chunky && components > 1) throw new Error('the fake Photoshop hands out chunky data only');
          if (fullRange) throw new Error('the fake Photoshop hands out 16 bit as 0..32768 only');
          return samples.slice();
        },
        dispose: async () => {
          await Promise.resolve();
          check();
          this.#contents.delete(data);
        },
      },
      'PhotoshopImageData',
    );
    this.#contents.set(data, contents);
    this.made += 1;
    return data;
  }

  contentsOf(data: object): ImageContents {
    const contents = this.#contents.get(data);
    if (contents === undefined) throw new Error('this is no image data, or it was disposed');
    return contents;
  }
}
