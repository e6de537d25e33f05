/** Case 01: our StyleGAN2 against the reference implementation, from its own checkpoint. */
import { describe, expect, it } from 'vitest';
import {
  affine,
  foldGenerator,
  mappingNetwork,
  styleLayout,
  synthesis,
  type Stylegan2Config,
} from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { floats, goldenCase, maxAbsDifference, numbersInMeaning, pathLike, rows } from './golden-files.js';
import { runGraph } from './run-graph.js';
import { asTensor, stateDict } from './torch-reader.js';

const golden = goldenCase('01_stylegan2');

describe.skipIf(golden === null)('case 01: StyleGAN2 generator', () => {
  if (golden === null) return;
  const reference = golden.config as {
    size: number;
    style_dim: number;
    n_mlp: number;
    n_latent: number;
    channels: Record<string, number>;
    s_dims: number[];
    s_total: number;
    rgb_total: number;
    s_row_of_wplus: number[];
    rgb_row_of_wplus: number[];
    truncation_psi: number;
  };
  const tolerance = golden.tolerance as { w: number; s: number; image: number };
  const config: Stylegan2Config = {
    size: reference.size,
    styleDim: reference.style_dim,
    channels: reference.channels,
    mappingLayers: reference.n_mlp,
    upsampling: 'transposed-fir',
    noise: true,
    demodulate: true,
    colourStyles: 'separate',
  };
  const checkpoint = golden.torch('generator_zip.pt');
  const weights = foldGenerator(stateDict(checkpoint, 'g_ema'));

  const generate = async (wPlus: Tensor, parameters = weights): Promise<Float32Array> => {
    const { image } = await runGraph(parameters, { wPlus }, (scope, { wPlus }) => ({
      image: synthesis(scope, config, affine(scope, config, wPlus!)),
    }));
    return floats(image!);
  };

  /** The row of an input that the manifest says a result was made from. */
  const sample = (input: string, result: string): Tensor => {
    const [index = 0] = numbersInMeaning(golden, result, /sample (\d+) only/);
    return rows(golden.npy(input), index, index + 1);
  };

  it('lays S out as the reference does', () => {
    const layout = styleLayout(config);
    expect(layout.rows).toBe(reference.n_latent);
    expect(layout.styleSlots.map(({ layer }) => layer.inChannels)).toEqual(reference.s_dims);
    expect(layout.styleSlots.map(({ layer }) => layer.wPlusRow)).toEqual(reference.s_row_of_wplus);
    expect(layout.rgbSlots.map(({ layer }) => layer.wPlusRow)).toEqual(reference.rgb_row_of_wplus);
    expect([layout.styleWidth, layout.rgbWidth]).toEqual([reference.s_total, reference.rgb_total]);
    const groups = golden.config['s_groups'] as Readonly<Record<string, number>>;
    expect(layout.levels.map(({ level, width }) => [level, width])).toEqual(
      Object.entries(groups).filter(([, width]) => width > 0),
    );
  });

  it('maps z to w', async () => {
    const { w } = await runGraph(weights, { z: golden.npy('z.npy') }, (scope, { z }) => ({
      w: mappingNetwork(scope, config, z!),
    }));
    expect(maxAbsDifference(floats(w!), floats(golden.npy('w.npy')))).toBeLessThan(tolerance.w);
  });

  it('maps W+ to S and to the toRGB styles', async () => {
    const { s, rgb } = await runGraph(weights, { wPlus: golden.npy('wplus.npy') }, (scope, { wPlus }) => {
      const styles = affine(scope, config, wPlus!);
      return { s: styles.s, rgb: styles.rgb! };
    });
    expect(maxAbsDifference(floats(s!), floats(golden.npy('s.npy')))).toBeLessThan(tolerance.s);
    expect(maxAbsDifference(floats(rgb!), floats(golden.npy('rgb_styles.npy')))).toBeLessThan(tolerance.s);
  });

  it('generates the images of W+ codes with the registered noise', async () => {
    const expected = golden.npy('image_from_wplus.npy');
    const images = await generate(rows(golden.npy('wplus.npy'), 0, expected.shape[0] as number));
    expect(maxAbsDifference(images, floats(expected))).toBeLessThan(tolerance.image);
  });

  it('generates without noise when the buffers are zero', async () => {
    const silent = new Map(
      [...weights].map(([name, tensor]) => [name, name.startsWith('noises.') ? zeros(tensor) : tensor]),
    );
    const image = await generate(sample('wplus.npy', 'image_zero_noise.npy'), silent);
    expect(maxAbsDifference(image, floats(golden.npy('image_zero_noise.npy')))).toBeLessThan(tolerance.image);
  });

  it('decodes an edited S with the toRGB styles of the original W+', async () => {
    const result = 'image_from_s_edit.npy';
    const inputs = { s: sample('s_edit.npy', result), rgb: sample('rgb_styles.npy', result) };
    const { image } = await runGraph(weights, inputs, (scope, { s, rgb }) => ({
      image: synthesis(scope, config, { s: s!, rgb: rgb! }),
    }));
    expect(maxAbsDifference(floats(image!), floats(golden.npy(result)))).toBeLessThan(tolerance.image);
  });

  it('truncates towards the mean latent', async () => {
    const average = floats(asTensor((checkpoint as Map<string, Tensor>).get('latent_avg')));
    const result = pathLike(golden, /^image_psi/);
    const w = floats(sample('w.npy', result));
    const truncated = w.map((value, i) => average[i]! + reference.truncation_psi * (value - average[i]!));
    const data = new Float32Array(reference.n_latent * truncated.length);
    for (let row = 0; row < reference.n_latent; row++) data.set(truncated, row * truncated.length);
    const image = await generate({ dtype: 'float32', shape: [1, reference.n_latent, truncated.length], data });
    expect(maxAbsDifference(image, floats(golden.npy(result)))).toBeLessThan(tolerance.image);
  });
});

function zeros(tensor: Tensor): Tensor {
  return { ...tensor, data: new Float32Array(tensor.data.length) };
}
