/** Case 07: the identity network and the identity recipe of evaluations against the reference implementation. */
import { identityEmbedding, identityView, irSe50, type IrSeConfig } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { rowCosines } from '@deltaspace/daemon';
import { describe, expect, it } from 'vitest';
import { floats, goldenCase, maxAbsDifference, numbersInMeaning } from './golden-files.js';
import { runGraph } from './run-graph.js';
import { readTorch, stateDict } from './torch-reader.js';

const golden = goldenCase('07_arcface');
const encoder = goldenCase('02_e4e');

describe.skipIf(golden === null)('case 07: ArcFace', () => {
  if (golden === null) return;
  const reference = golden.config as {
    input: number;
    body_channels: Record<string, number>;
    body_units: number[];
    embedding: number;
  };
  const tolerance = golden.tolerance as { embedding: number; cosine: number };
  const widths = Object.entries(reference.body_channels).sort(([a], [b]) => Number(a) - Number(b));
  const weights = stateDict(readTorch(golden.bytes('model_ir_se.pth')));
  const config: IrSeConfig = {
    resolution: reference.input,
    stages: widths.map(([, channels], k) => ({ channels, units: reference.body_units[k] ?? 0 })),
    squeezeReduction: (encoder?.config['se_reduction'] as number | undefined) ?? irSe50.squeezeReduction,
    embedding: reference.embedding,
  };
  const expected = (file: string): Float32Array => floats(golden.npy(file));

  /** Embeddings of face crops, or of whole images by the recipe. */
  const embed = (image: Tensor, whole: boolean): Promise<Record<string, Tensor>> =>
    runGraph(weights, { image }, (scope, { image }) => {
      const face = whole ? identityView(config, image!) : image!;
      return { face, ...identityEmbedding(scope, config, face) };
    });

  it('embeds faces, before and after scaling to unit length', async () => {
    const { raw, unit } = await embed(fromBytes(golden.npy('faces112.npy')), false);
    expect(maxAbsDifference(floats(unit!), expected('embedding112.npy'))).toBeLessThan(tolerance.embedding);
    // The bound is for unit vectors; longer ones may differ by as much more as they are longer.
    const longest = Math.max(1, ...expected('embedding112_raw.npy').map(Math.abs)) * Math.sqrt(config.embedding);
    expect(maxAbsDifference(floats(raw!), expected('embedding112_raw.npy'))).toBeLessThan(
      tolerance.embedding * longest,
    );
    const count = unit!.shape[0]!;
    const [first, second] = Array.from({ length: count }, (_, k) => rowOf(unit!, k));
    const [cosine = NaN] = rowCosines(first!, second!, config.embedding);
    expect(Math.abs(cosine - expected('cosine112.npy')[0]!)).toBeLessThan(tolerance.cosine);
  });

  describe.skipIf(encoder === null)('the identity recipe', () => {
    if (encoder === null) return;
    const photos = fromBytes(encoder.npy('image_uint8.npy'));

    it('crops and pools photos to what the network looks at', async () => {
      const { face } = await embed(photos, true);
      const rows = golden.npy('photo256_pooled_rows.npy');
      const [step = NaN] = numbersInMeaning(golden, 'photo256_pooled_rows.npy', /rows 0,(\d+)/);
      const [, channels, count, width] = rows.shape as [number, number, number, number];
      const sampled = Array.from({ length: channels * count }, (_, k) => {
        const row = Math.floor(k / count) * config.resolution + (k % count) * step;
        return [...floats(face!).subarray(row * width, (row + 1) * width)];
      }).flat();
      // Averages of float32 numbers in [-1, 1], summed in another order.
      expect(maxAbsDifference(sampled, floats(rows))).toBeLessThan(1e-5);
    });

    it('scores how well reconstructions keep the person', async () => {
      const photo = floats((await embed(photos, true)).unit!);
      const reconstruction = floats((await embed(encoder.npy('reconstruction.npy'), true)).unit!);
      expect(maxAbsDifference(photo, expected('photo256_embedding.npy'))).toBeLessThan(tolerance.embedding);
      expect(maxAbsDifference(reconstruction, expected('reconstruction_embedding.npy'))).toBeLessThan(
        tolerance.embedding,
      );
      const similarity = rowCosines(photo, reconstruction, config.embedding);
      expect(maxAbsDifference(similarity, expected('ids.npy'))).toBeLessThan(tolerance.cosine);
    });
  });
});

/** Bytes 0…255 as float32 in [-1, 1]. */
function fromBytes(image: Tensor): Tensor {
  return {
    dtype: 'float32',
    shape: image.shape,
    data: Float32Array.from(image.data as Uint8Array, (v) => (v / 255 - 0.5) / 0.5),
  };
}

function rowOf(rows: Tensor, index: number): Float32Array {
  const width = rows.shape[1]!;
  return floats(rows).slice(index * width, (index + 1) * width);
}
