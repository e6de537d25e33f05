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
const scores = (preservationRate: number) => ({
  overall: { successRate: 0.8, preservationRate, psnr: 23, cases: 10 },
  texts: {},
});
const figures = {
  clip: { sparse: alignment, rich: alignment, zeroShotMean: 0.95 },
  autoencoder: { psnr: 32, ssim: 0.97 },
  edits: { methods: { deltaedit: scores(0.95), straightforward: scores(0.2) } },
};

it('passes figures above their floors', () => {
  expect(checkFloors(figures).filter(({ reached }) => !reached)).toEqual([]);
});

it('names the figure that is missed, with its value and bound', () => {
  const blurred = { ...figures, autoencoder: { psnr: 30.5, ssim: 0.97 } };
  expect(checkFloors(blurred).filter(({ reached }) => !reached)).toEqual([
    { figure: 'reconstruction PSNR (dB)', value: 30.5, required: '≥ 31', reached: false },
  ]);
});

it('fails when the baseline that must fail does not', () => {
  const methods = { deltaedit: scores(0.95), straightforward: scores(0.9) };
  const missed = checkFloors({ ...figures, edits: { methods } }).filter(({ reached }) => !reached);
  expect(missed.map(({ figure }) => figure)).toEqual(['straightforward preservation']);
});

it('treats a method that was not run as missed', () => {
  const missed = checkFloors({ ...figures, edits: { methods: { deltaedit: scores(0.95) } } });
  expect(missed.filter(({ reached }) => !reached).map(({ figure }) => figure)).toEqual([
    'straightforward preservation',
  ]);
});
