/**
 * The slider "locality" and the threshold τ of the method: how much of the picture an edit may change.
 *
 * τ is a bound on relevance in [0, 1], and what matters lies near 0 (packs have defaults such as 0.02; with 0.3 next to
 * nothing changes). So locality ℓ in [0, 100] is τ = (ℓ / 100)²: 0 changes whatever moves along, 14 is τ = 0.02, 100 changes
 * nothing. The square spreads the useful part over half of the slider and covers all of τ.
 */
export function thresholdOfLocality(locality: number): number {
  const share = Math.min(Math.max(locality / 100, 0), 1);
  return share * share;
}

/** The inverse; not rounded. */
export function localityOfThreshold(threshold: number): number {
  return 100 * Math.sqrt(Math.min(Math.max(threshold, 0), 1));
}
