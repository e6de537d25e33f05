/** Case 04, third part: StyleCLIP's global directions as the engine makes them, from the stored difference of two texts. */
import { describe, expect, it } from 'vitest';
import { channelRelevance, editedCode, globalDirection, length, type Prediction } from '@deltaspace/daemon';
import { floats, goldenCase, maxAbsDifference, rows } from './golden-files.js';

const golden = goldenCase('04_delta_mapper');

describe.skipIf(golden === null)('case 04: StyleCLIP global directions', () => {
  if (golden === null) return;
  const tolerance = golden.tolerance as { s_hat: number };
  const reference = golden.json('styleclip_numbers.json') as {
    betas: number[];
    channels: number[];
    alpha: number;
    auto_beta_by_min_channels: Record<string, number>;
  };
  const values = (file: string): Float32Array => floats(golden.npy(file));
  const [delta, relevance, styleStd] = [values('dt.npy'), values('fs3.npy'), values('s_std.npy')];
  const s = rows(golden.npy('s.npy'), 0, 1);
  const prediction: Prediction = {
    method: 'styleclip-gd',
    delta,
    change: null,
    relevance: channelRelevance(relevance, delta),
  };
  const nothing = new Float32Array(styleStd.length);
  const unused = (): never => {
    throw new Error('global directions ask no network');
  };
  const session = {
    pack: {
      manifest: { id: 'reference', defaults: { strength: 1, threshold: 0, clampStyles: true } },
      statistics: { styleMean: nothing, styleStd, styleLow: nothing, styleHigh: nothing, relevance },
    },
    ...{ has: unused, mapStyles: unused, mapWPlus: unused, stylesOf: unused },
  };
  const inversion = { wPlus: s, s, rgb: null };
  const edit = (settings: { threshold: number; topChannels?: number }) =>
    editedCode(session, inversion, prediction, { strength: reference.alpha, ...settings });
  const channelsAt = (beta: number): number => globalDirection(relevance, delta, styleStd, beta).channels;

  it.each(reference.betas.map((beta, i) => [beta, i] as const))('edits with β = %s', async (beta, i) => {
    const code = await edit({ threshold: beta });
    expect(code.channelsKept).toBe(reference.channels[i]);
    expect(maxAbsDifference(code.s, floats(rows(golden.npy('styleclip_s_hat.npy'), i, i + 1)))).toBeLessThan(
      tolerance.s_hat,
    );
  });

  it('edits the same when the number of channels is asked for instead of β', async () => {
    for (const [i, channels] of reference.channels.entries())
      expect((await edit({ threshold: 99, topChannels: channels })).s).toEqual(
        (await edit({ threshold: reference.betas[i]! })).s,
      );
  });

  it('returns the layer where the reference divides 0 by 0', async () => {
    expect(await edit({ threshold: 99 })).toEqual({ s: s.data, rgb: null, channelsKept: 0 });
  });

  it('counts channels as the reference does when it looks for β', () => {
    for (const [least, beta] of Object.entries(reference.auto_beta_by_min_channels)) {
      const candidates = Array.from({ length: 20 }, (_, i) => (10 + i) / 100);
      const found = candidates.findLast((candidate) => channelsAt(candidate) > Number(least)) ?? candidates[0];
      expect(found).toBeCloseTo(beta, 9);
    }
  });

  it('does not depend on how far the texts are apart', () => {
    const longer = delta.map((value) => 2 * value);
    const [direction] = [delta, longer].map((one) => globalDirection(relevance, one, styleStd, reference.betas[0]!));
    expect(length(longer)).toBeGreaterThan(1.9 * length(delta));
    expect(globalDirection(relevance, longer, styleStd, reference.betas[0]!).channels).toBe(direction?.channels);
  });
});
