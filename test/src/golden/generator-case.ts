/** The generator of case 01 for cases that decode with it: its configuration, its weights, and decoding of styles. */
import { affine, foldGenerator, synthesis, type Stylegan2Config } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { floats, type GoldenCase } from './golden-files.js';
import { runGraph } from './run-graph.js';
import { stateDict } from './torch-reader.js';

/** The reference generator, ready to decode. */
export interface GoldenGenerator {
  readonly config: Stylegan2Config;
  /** Styles of W+ codes [N, rows, styleDim]: `s` [N, S] and `rgb` [N, RGB]. */
  stylesOf(wPlus: Tensor): Promise<{ s: Tensor; rgb: Tensor }>;
  /** Images [N, 3, size, size] of styles s [N, S] with the toRGB styles rgb [N, RGB], flat. */
  decode(s: Tensor, rgb: Tensor): Promise<Float32Array>;
}

/** Reads the generator of case 01. */
export function goldenGenerator(golden: GoldenCase): GoldenGenerator {
  const reference = golden.config as { size: number; style_dim: number; channels: Record<string, number> };
  const config: Stylegan2Config = {
    size: reference.size,
    styleDim: reference.style_dim,
    channels: reference.channels,
    upsampling: 'transposed-fir',
    noise: true,
    demodulate: true,
    colourStyles: 'separate',
  };
  const weights = foldGenerator(stateDict(golden.torch('generator_zip.pt'), 'g_ema'));
  return {
    config,
    stylesOf: async (wPlus) => {
      const { s, rgb } = await runGraph(weights, { wPlus }, (scope, { wPlus }) => {
        const styles = affine(scope, config, wPlus!);
        return { s: styles.s, rgb: styles.rgb! };
      });
      return { s: s!, rgb: rgb! };
    },
    decode: async (s, rgb) => {
      const { image } = await runGraph(weights, { s, rgb }, (scope, { s, rgb }) => ({
        image: synthesis(scope, config, { s: s!, rgb: rgb! }),
      }));
      return floats(image!);
    },
  };
}

/** Every `step`-th row of images [N, 3, size, size], as fixtures keep them. */
export function imageRows(images: Float32Array, size: number, step: number): Float32Array {
  return images.filter((_, i) => (Math.floor(i / size) % size) % step === 0);
}

/** Vectors of one length as [N, length]. */
export function stackRows(vectors: readonly Float32Array[]): Tensor {
  const width = vectors[0]?.length ?? 0;
  const data = new Float32Array(vectors.length * width);
  vectors.forEach((vector, i) => data.set(vector, i * width));
  return { dtype: 'float32', shape: [vectors.length, width], data };
}
