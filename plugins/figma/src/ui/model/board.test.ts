import { expect, it } from 'vitest';
import { stepLabels } from './board.js';

it('labels the ends of a strip by name, and what lies between by its share', () => {
  expect(stepLabels('hat', 'beard', 5)).toEqual(['hat', '25 %', '50 %', '75 %', 'beard']);
  expect(stepLabels('hat', 'beard', 3)).toEqual(['hat', '50 %', 'beard']);
});
