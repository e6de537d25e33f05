/**
 * The images decoded last, by what they were decoded from. Bounded by pixels: one huge layer may fill it alone, and one
 * that is larger still is not kept at all.
 */
import type { PixelImage } from '../jobs/engine-port.js';

export class RecentImages {
  readonly #images = new Map<string, PixelImage>();
  readonly #pixelLimit: number;
  #pixels = 0;

  constructor(pixelLimit: number) {
    this.#pixelLimit = pixelLimit;
  }

  /** The image of that key, decoded when it is not kept. Callers must not write into it. */
  async get(key: string, decode: () => Promise<PixelImage>): Promise<PixelImage> {
    const kept = this.#images.get(key);
    const image = kept ?? (await decode());
    this.#images.delete(key);
    if (kept === undefined) this.#pixels += sizeOf(image);
    this.#images.set(key, image);
    this.#trim();
    return image;
  }

  /** Lets the images go that were not used for longest. */
  #trim(): void {
    for (const [key, image] of this.#images) {
      if (this.#pixels <= this.#pixelLimit) return;
      this.#images.delete(key);
      this.#pixels -= sizeOf(image);
    }
  }
}

function sizeOf(image: PixelImage): number {
  return image.width * image.height;
}
