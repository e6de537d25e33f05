/**
 * The relevance matrix R_s `[S, D]`: how the CLIP image embedding moves with each style channel (DeltaEdit §3.2, after
 * StyleCLIP's global directions). Each channel is set to its mean plus and minus a few standard deviations in a handful of
 * codes, both pictures are embedded, the normalised differences are averaged and normalised again.
 *
 * Chunks of channels are kept on disk as they finish, so an interrupted run goes on where it stopped.
 */
import { clipImageTower, synthesis, unitNormalize } from '@deltaspace/models';
import { clamp, prefixed, type Tensor } from '@deltaspace/onnx-graph';
import { createBatchedNetwork } from '../batched-network.js';
import { clipImageConfig, embedDim, generatorConfig, relevanceSettings } from '../settings.js';
import type { StageResult, Workspace } from '../workspace.js';
import { type Codes, loadCodes, styleWidth } from './codes.js';

const channelsPerChunk = 104;

export async function computeRelevance(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('relevance');
  if (done) return done;
  const codes = await loadCodes(workspace);
  const network = await createBatchedNetwork({
    inputs: { s: { shape: [styleWidth] } },
    batch: 2 * relevanceSettings.pictures,
    weights: new Map([...(await workspace.required('growth')), ...(await workspace.required('clip'))]),
    build: (scope, { s }) => {
      if (!s) throw new Error('relevance needs a style code');
      const image = synthesis(prefixed(scope, 'generator'), generatorConfig, { s, rgb: null });
      return { embedding: unitNormalize(clipImageTower(scope, clipImageConfig, clamp(image, -1, 1))) };
    },
    ...(workspace.options.threads === undefined ? {} : { threads: workspace.options.threads }),
  });
  const matrix = new Float32Array(styleWidth * embedDim);
  for (let start = 0; start < styleWidth; start += channelsPerChunk) {
    const count = Math.min(channelsPerChunk, styleWidth - start);
    const chunk = `relevance-${start}`;
    const known = await workspace.finished(chunk);
    const rows =
      (known?.weights.get('rows')?.data as Float32Array | undefined) ??
      (await relevanceRows(network, codes, start, count));
    if (!known)
      await workspace.finish(chunk, {
        weights: new Map([['rows', { dtype: 'float32', shape: [count, embedDim], data: rows }]]),
        facts: {},
      });
    matrix.set(rows, start * embedDim);
    workspace.log(`relevance: ${start + count} of ${styleWidth} channels`);
    workspace.options.signal?.throwIfAborted();
  }
  await network.dispose();
  const relevance: Tensor = { dtype: 'float32', shape: [styleWidth, embedDim], data: matrix };
  const result = await workspace.finish('relevance', {
    weights: new Map([['relevance', relevance]]),
    facts: { ...stringified(relevanceSettings) },
  });
  // Left behind, they would be taken for rows of other networks when the stage is run anew.
  for (let start = 0; start < styleWidth; start += channelsPerChunk) await workspace.discard(`relevance-${start}`);
  return result;
}

/** Rows of R_s for channels start … start + count − 1. Items come in pairs: +σ then −σ for each picture. */
async function relevanceRows(
  network: Awaited<ReturnType<typeof createBatchedNetwork>>,
  codes: Codes,
  start: number,
  count: number,
): Promise<Float32Array> {
  const { pictures, deviations } = relevanceSettings;
  const { embedding } = await network.run(count * pictures * 2, (index, buffers, slot) => {
    const channel = start + Math.floor(index / (2 * pictures));
    const picture = (index >> 1) % pictures;
    const row = (buffers['s'] as Float32Array).subarray(slot * styleWidth, (slot + 1) * styleWidth);
    row.set(codes.styles.subarray(picture * styleWidth, (picture + 1) * styleWidth));
    const shift = (index % 2 === 0 ? 1 : -1) * deviations * (codes.std[channel] ?? 0);
    row[channel] = (codes.mean[channel] ?? 0) + shift;
  });
  if (!embedding) throw new Error('the relevance network returned nothing');
  return relevanceFromEmbeddings(embedding, count, pictures, embedDim);
}

/**
 * `[channels, pictures, 2, D]` unit embeddings (+σ, −σ) → `[channels, D]`: differences normalised, averaged over pictures,
 * normalised. A channel that changes nothing gets a row of zeros.
 */
export function relevanceFromEmbeddings(
  embeddings: Float32Array,
  channels: number,
  pictures: number,
  width: number,
): Float32Array {
  const rows = new Float32Array(channels * width);
  const difference = new Float32Array(width);
  for (let channel = 0; channel < channels; channel++) {
    const row = rows.subarray(channel * width, (channel + 1) * width);
    for (let picture = 0; picture < pictures; picture++) {
      const plus = (channel * pictures + picture) * 2 * width;
      for (let d = 0; d < width; d++) difference[d] = (embeddings[plus + d] ?? 0) - (embeddings[plus + width + d] ?? 0);
      const norm = Math.hypot(...difference);
      if (norm > 1e-7) for (let d = 0; d < width; d++) row[d] = (row[d] ?? 0) + (difference[d] ?? 0) / norm;
    }
    const norm = Math.hypot(...row);
    if (norm > 1e-7) for (let d = 0; d < width; d++) row[d] = (row[d] ?? 0) / norm;
  }
  return rows;
}

const stringified = (settings: Readonly<Record<string, number | string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)]));
