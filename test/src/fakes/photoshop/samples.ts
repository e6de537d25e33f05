/** Rectangles of samples: cut out, put in, trimmed. Interleaved; right and bottom are exclusive. */

export type Samples = Uint8Array | Uint16Array | Float32Array;

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Block {
  readonly bounds: Bounds;
  readonly components: number;
  readonly samples: Samples;
}

export const widthOf = ({ left, right }: Bounds): number => Math.max(0, right - left);
export const heightOf = ({ top, bottom }: Bounds): number => Math.max(0, bottom - top);
export const areaOf = (bounds: Bounds): number => widthOf(bounds) * heightOf(bounds);
export const nothing: Bounds = { left: 0, top: 0, right: 0, bottom: 0 };

export const intersect = (a: Bounds, b: Bounds): Bounds => ({
  left: Math.max(a.left, b.left),
  top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom),
});

export const unite = (a: Bounds, b: Bounds): Bounds => ({
  left: Math.min(a.left, b.left),
  top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right),
  bottom: Math.max(a.bottom, b.bottom),
});

export function emptyLike(samples: Samples, length: number): Samples {
  if (samples instanceof Uint8Array) return new Uint8Array(length);
  return samples instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length);
}

export const depthOf = (samples: Samples): 8 | 16 | 32 =>
  samples instanceof Uint8Array ? 8 : samples instanceof Uint16Array ? 16 : 32;

/** Copies the part of one block that lies over another into it. */
export function copyInto(target: Block, source: Block): void {
  const part = intersect(target.bounds, source.bounds);
  const { components } = target;
  const length = widthOf(part) * components;
  for (let y = part.top; y < part.bottom && length > 0; y++) {
    const from = ((y - source.bounds.top) * widthOf(source.bounds) + part.left - source.bounds.left) * components;
    const to = ((y - target.bounds.top) * widthOf(target.bounds) + part.left - target.bounds.left) * components;
    target.samples.set(source.samples.subarray(from, from + length), to);
  }
}

/** Samples of exactly those bounds; where the block has none they are `fill`. */
export function cut(block: Block, bounds: Bounds, fill = 0): Samples {
  const samples = emptyLike(block.samples, areaOf(bounds) * block.components);
  if (fill !== 0) samples.fill(fill);
  copyInto({ bounds, components: block.components, samples }, block);
  return samples;
}

/** The smallest rectangle within `bounds` that holds every pixel whose last component is not zero. */
export function trim(block: Block, bounds: Bounds): Bounds {
  const part = intersect(block.bounds, bounds);
  const found = { left: part.right, top: part.bottom, right: part.left, bottom: part.top };
  const { components, samples } = block;
  for (let y = part.top; y < part.bottom; y++) {
    for (let x = part.left; x < part.right; x++) {
      const pixel = (y - block.bounds.top) * widthOf(block.bounds) + x - block.bounds.left;
      if (samples[pixel * components + components - 1] === 0) continue;
      found.left = Math.min(found.left, x);
      found.right = Math.max(found.right, x + 1);
      found.top = Math.min(found.top, y);
      found.bottom = y + 1;
    }
  }
  return found.right <= found.left ? nothing : found;
}
