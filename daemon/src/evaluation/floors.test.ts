import { expect, it } from 'vitest';
import { checkFloors } from './floors.js';

const alignment = {
  recallAt1: 0.99,
  recallAt5: 1,
  pairedCosine: 0.6,
  randomCosine: 0,
  deltaPairedCosine: 0.8,
  deltaRandomCosine: 0.01,
  deltaRecallAt1: 0.9,
  modalityGap: 0.4,
};
const scores = (preservationRate: number, psnr = 27) => ({
  overall: { successRate: 0.92, preservationRate, psnr, layerPsnr: 20, identity: 0.9, cases: 10 },
});
const methods = {
  deltaedit: scores(0.97),
  straightforward: scores(0.2, 12),
  wplus: scores(0.9, 25),
  'styleclip-gd': scores(0.92, 22),
};
const figures = {
  clip: { sparse: alignment, rich: alignment, zeroShotMean: 0.95, heldOutSynonyms: { mean: 0.85 } },
  autoencoder: { psnr: 32, ssim: 0.97 },
  edits: { methods },
};

it('passes figures above their floors', () => {
  expect(checkFloors(figures).filter(({ reached }) => !reached)).toEqual([]);
});

it('names the figure that is missed, with its value and bound', () => {
  const blurred = { ...figures, autoencoder: { psnr: 30.5, ssim: 0.97 } };
  expect(checkFloors(blurred).filter(({ reached }) => !reached)).toEqual([
    { figure: 'reconstruction PSNR (dB)', value: 30.5, required: '≥ 32', reached: false },
  ]);
});

it('fails when the baseline that must fail does not', () => {
  const good = { ...figures, edits: { methods: { ...methods, straightforward: scores(0.9, 12) } } };
  expect(checkFloors(good).flatMap(({ figure, reached }) => (reached ? [] : [figure]))).toEqual([
    'straightforward preservation',
  ]);
});

it('fails when a baseline is ahead in one figure', () => {
  const better = { ...figures, edits: { methods: { ...methods, wplus: scores(0.9, 28) } } };
  expect(checkFloors(better).flatMap(({ figure, reached }) => (reached ? [] : [figure]))).toEqual([
    'ahead of wplus: counterfactual PSNR (dB)',
  ]);
});

it('treats methods that were not run as missed', () => {
  const alone = { ...figures, edits: { methods: { deltaedit: methods.deltaedit } } };
  const missed = checkFloors(alone).filter(({ reached }) => !reached);
  expect(missed.length).toBe(9);
  expect(missed.every(({ value }) => Number.isNaN(value))).toBe(true);
});
