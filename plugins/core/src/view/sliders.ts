/**
 * The two sliders of a recipe: strength ρ and locality, which stands for the threshold τ (recipe/locality.ts).
 */
import type { PackSummary, Recipe } from '@deltaspace/shared-protocol';
import { localityOfThreshold, thresholdOfLocality } from '../recipe/locality.js';
import { signed } from '../recipe/texts.js';

export interface SliderView {
  readonly label: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly value: number;
  /** The value as text, beside the slider. */
  readonly valueText: string;
  /** Where a double click takes it back to. */
  readonly initial: number;
  /** Whether the recipe leaves it to the pack. */
  readonly isDefault: boolean;
  readonly hint: string;
}

/** Where sliders start when the daemon does not tell the defaults of its pack. */
export const assumedDefaults = { strength: 1, threshold: 0.02 } as const;

/** The protocol takes −10 to 10; beyond these, pictures fall apart. A recipe with more widens its slider. */
export const strengthRange = { minimum: -3, maximum: 3, step: 0.1 } as const;

export function strengthSlider(recipe: Recipe, pack: Pick<PackSummary, 'defaults'> | undefined): SliderView {
  const initial = pack?.defaults?.strength ?? assumedDefaults.strength;
  const value = recipe.strength ?? initial;
  return {
    label: 'Strength',
    minimum: Math.min(strengthRange.minimum, value),
    maximum: Math.max(strengthRange.maximum, value),
    step: strengthRange.step,
    value,
    valueText: signed(value),
    initial,
    isDefault: recipe.strength === undefined,
    hint: 'How far the edit goes. Below zero it goes the other way.',
  };
}

/** Its value is a locality in whole per cent; `thresholdOfSlider` turns it into τ. */
export function localitySlider(recipe: Recipe, pack: Pick<PackSummary, 'defaults'> | undefined): SliderView {
  const initial = Math.round(localityOfThreshold(pack?.defaults?.threshold ?? assumedDefaults.threshold));
  const value = recipe.threshold === undefined ? initial : Math.round(localityOfThreshold(recipe.threshold));
  return {
    label: 'Locality',
    minimum: 0,
    maximum: 100,
    step: 1,
    value,
    valueText: `${value} %`,
    initial,
    isDefault: recipe.threshold === undefined,
    hint: 'How closely the edit keeps to what the text names. Lower lets more of the picture change along.',
  };
}

/** τ for a position of the locality slider. */
export const thresholdOfSlider = thresholdOfLocality;
