/**
 * Folding of published weights: state dicts in the layout of rosinality/stylegan2-pytorch (generators, DeltaEdit mappers)
 * become parameters of the networks in this folder.
 *
 * Such checkpoints store unit-variance weights and multiply them by 1/√fanIn (and a learning-rate multiplier) in every
 * forward pass. Here the factor is applied once, at load. Reading the container is not done here.
 */
import type { Tensor } from '@deltaspace/onnx-graph';

/** Learning-rate multiplier of the mapping network and of DeltaEdit's mapper in the reference code. */
const lrMultiplier = 0.01;

/**
 * Folded parameters of a generator from the `g_ema` state dict (float32).
 * Filter kernels are dropped (they are constants of the network). Throws when a weight is not float32.
 */
export function foldGenerator(stored: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const folded = new Map<string, Tensor>();
  for (const [name, tensor] of stored) {
    if (name.endsWith('.kernel')) continue;
    folded.set(name, foldGeneratorEntry(name, tensor));
  }
  return folded;
}

/** Folded parameters of a DeltaMapper (or any stack of equalised linear layers with the reference multiplier). */
export function foldEqualLinear(stored: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    [...stored].map(([name, tensor]) => {
      const factor = name.endsWith('.weight') ? lrMultiplier / Math.sqrt(tensor.shape[1] as number) : lrMultiplier;
      return [name, scaled(tensor, factor, tensor.shape)];
    }),
  );
}

function foldGeneratorEntry(name: string, tensor: Tensor): Tensor {
  const { shape } = tensor;
  if (/^style\.\d+\.weight$/.test(name)) return scaled(tensor, lrMultiplier / Math.sqrt(shape[1] as number), shape);
  if (/^style\.\d+\.bias$/.test(name)) return scaled(tensor, lrMultiplier, shape);
  if (name.endsWith('.modulation.weight')) return scaled(tensor, 1 / Math.sqrt(shape[1] as number), shape);
  if (name.endsWith('.conv.weight')) {
    const [, , fanIn, height, width] = shape as [number, number, number, number, number];
    return scaled(tensor, 1 / Math.sqrt(fanIn * height * width), shape.slice(1));
  }
  if (/^to_rgb.*\.bias$/.test(name) && shape.length === 4) return { ...tensor, shape: [3] };
  return tensor;
}

function scaled(tensor: Tensor, factor: number, shape: readonly number[]): Tensor {
  if (!(tensor.data instanceof Float32Array)) throw new Error(`expected float32 weights, got ${tensor.dtype}`);
  return { dtype: 'float32', shape, data: tensor.data.map((value) => value * factor) };
}
