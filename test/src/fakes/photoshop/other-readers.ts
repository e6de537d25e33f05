/** What other programs make of a saved PSD, and what differs between two states of a document. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initializeImageMagick, MagickImageCollection } from '@imagemagick/magick-wasm';
import WebtoonPsd from '@webtoon/psd';
import { composite } from './composite.js';
import type { DocumentHeader, DocumentState, MaskState } from './document-state.js';
import { widthOf } from './samples.js';

/** To be awaited once before ImageMagick is used. */
export async function startImageMagick(): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('@imagemagick/magick-wasm/magick.wasm');
  await initializeImageMagick(await readFile(wasm));
}

/** Width, height and depth, the profile, and the layers from the bottom to the top. */
export function layersByImageMagick(file: Uint8Array): {
  size: readonly number[];
  profile: string | undefined;
  layers: readonly (string | undefined)[];
} {
  const images = MagickImageCollection.create(file);
  try {
    const [whole, ...layers] = [...images];
    return {
      size: [whole!.width, whole!.height, whole!.depth],
      profile: whole!.getColorProfile()?.description ?? undefined,
      layers: layers.map(({ label }) => label ?? undefined),
    };
  } finally {
    images.dispose();
  }
}

/** Names of the layers, as @webtoon/psd reads them. */
export function layersByWebtoon(file: Uint8Array): readonly string[] {
  // Its own types do not resolve under Node's rules for modules.
  const reader = WebtoonPsd as unknown as {
    parse(bytes: ArrayBufferLike): { readonly layers: readonly { readonly name: string }[] };
  };
  return reader.parse(file.slice().buffer).layers.map(({ name }) => name);
}

/** Pixels of the visible picture that differ, how many of them the mask hides, and how many it shows at all. */
export function changesOf(
  header: DocumentHeader,
  before: DocumentState,
  after: DocumentState,
  mask: MaskState,
): { shown: number; changed: number; changedOutside: number } {
  const [one, other] = [composite(header, before), composite(header, after)];
  const { bounds, samples } = mask;
  const counts = { shown: 0, changed: 0, changedOutside: 0 };
  for (let pixel = 0; pixel < header.width * header.height; pixel++) {
    const [x, y] = [pixel % header.width, Math.floor(pixel / header.width)];
    const isInside = x >= bounds.left && x < bounds.right && y >= bounds.top && y < bounds.bottom;
    const isShown = isInside && samples[(y - bounds.top) * widthOf(bounds) + x - bounds.left]! > 0;
    const isChanged = [0, 1, 2].some((at) => one.samples[pixel * 4 + at] !== other.samples[pixel * 4 + at]);
    counts.shown += Number(isShown);
    counts.changed += Number(isChanged);
    counts.changedOutside += Number(isChanged && !isShown);
  }
  return counts;
}
