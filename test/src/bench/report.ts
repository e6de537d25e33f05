/** One line of the benchmark's output. */
export interface BenchmarkResult {
  /** What was measured. */
  readonly name: string;
  /** The measured value with its unit. */
  readonly value: string;
  /** How the value compares to its floor; absent where there is none. */
  readonly floor?: { readonly text: string; readonly met: boolean };
}

/** Aligned text, one line per result. */
export function formatResults(results: readonly BenchmarkResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, value, floor }) => {
      const verdict = floor ? `  (floor ${floor.text}: ${floor.met ? 'met' : 'MISSED'})` : '';
      return `${name.padEnd(width)}  ${value}${verdict}`;
    })
    .join('\n');
}
