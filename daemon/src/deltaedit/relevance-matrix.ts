/**
 * The relevance matrix R_s `[S, D]`: how the CLIP image embedding goes with each style channel (DeltaEdit §3.2).
 *
 * Two estimates. By perturbation, as in the paper (after StyleCLIP): every channel is moved up and down in some pictures,
 * and the embeddings' differences are averaged. By regression: the covariance of channels and embeddings over many
 * pictures, which needs no renders. The recipe of the shipped pack uses the latter.
 */

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

/** What the regression reads: codes `[N, S]`, unit embeddings `[N, D]`, mean and deviation of every channel `[S]`. */
export interface RegressionInput {
  readonly count: number;
  readonly styles: Float32Array;
  readonly embeddings: Float32Array;
  readonly mean: Float32Array;
  readonly std: Float32Array;
}

/**
 * `[S, D]`: row c is the mean of z_c · (i − ī), z_c the standardised channel. Rows keep their length, so that channels which
 * tell little weigh little; all are scaled by one number, to length 1 on average.
 */
export function relevanceByRegression(input: RegressionInput, channels: number, width: number): Float32Array {
  const { count, styles, embeddings, mean, std } = input;
  const centre = new Float64Array(width);
  for (let n = 0; n < count; n++)
    for (let d = 0; d < width; d++) centre[d] = (centre[d] as number) + (embeddings[n * width + d] as number) / count;
  const sums = new Float64Array(channels * width);
  for (let n = 0; n < count; n++)
    for (let c = 0; c < channels; c++) {
      const z = ((styles[n * channels + c] as number) - (mean[c] as number)) / (std[c] as number);
      const row = c * width;
      for (let d = 0; d < width; d++)
        sums[row + d] = (sums[row + d] as number) + z * ((embeddings[n * width + d] as number) - (centre[d] as number));
    }
  let total = 0;
  for (let c = 0; c < channels; c++) total += Math.hypot(...sums.subarray(c * width, (c + 1) * width));
  const scale = total === 0 ? 0 : channels / total;
  return Float32Array.from(sums, (value) => value * scale);
}
