/**
 * Points of many dimensions on a plane, by libraries: principal components (ml-matrix) or t-SNE (@keckelt/tsne).
 *
 * t-SNE starts at the principal components instead of at random places, so that equal points give equal pictures. Its cost grows
 * with the square of the points: callers bound their number.
 */
import { setImmediate } from 'node:timers/promises';
import { TSNE } from '@keckelt/tsne';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

export type Projection = 'pca' | 'tsne';

/** A place on the plane. */
export type Place = readonly [x: number, y: number];

/** As usual for some hundred points; with fewer points, a third of them. */
const perplexity = 30;
const learningRate = 50;
const stepCount = 500;
/** Spread of the first component where t-SNE starts: small, so that the attraction of neighbours decides. */
const startDeviation = 1e-4;

/** Called now and then with the share that is done. */
export type ProjectionProgress = (fraction: number) => void;

/**
 * One place for each point, around the origin.
 * @param points `[N, D]`, N ≥ 2. @throws the signal's reason when aborted.
 */
export async function projectToPlane(
  points: readonly Float64Array[],
  projection: Projection,
  progress: ProjectionProgress,
  signal?: AbortSignal,
): Promise<readonly Place[]> {
  const components = principalComponents(points);
  return projection === 'pca' ? components : neighbourEmbedding(points, components, progress, signal);
}

/** The two directions of largest variance. The smaller of the two Gram matrices is decomposed: both have the same scores. */
export function principalComponents(points: readonly Float64Array[]): readonly Place[] {
  const centred = new Matrix(points.map((point) => Array.from(point))).center('column');
  const wide = centred.columns > centred.rows;
  const gram = wide ? centred.mmul(centred.transpose()) : centred.transpose().mmul(centred);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0));
  const scores = [order[0], order[1]].map((column) => {
    if (column === undefined) return new Array<number>(points.length).fill(0); // points on a line
    const vector = eigenvectorMatrix.getColumnVector(column);
    if (!wide) return centred.mmul(vector).to1DArray();
    return vector.mul(Math.sqrt(Math.max(0, realEigenvalues[column] ?? 0))).to1DArray();
  });
  return points.map((_, i): Place => [scores[0]?.[i] ?? 0, scores[1]?.[i] ?? 0]);
}

async function neighbourEmbedding(
  points: readonly Float64Array[],
  start: readonly Place[],
  progress: ProjectionProgress,
  signal: AbortSignal | undefined,
): Promise<readonly Place[]> {
  const embedding = new TSNE({ perplexity: Math.min(perplexity, points.length / 3), epsilon: learningRate });
  embedding.initDataRaw(points.map((point) => Array.from(point)));
  const places = embedding.getSolution() as number[][]; // the library's own array: writing places the points
  const scale = startDeviation / (deviationOf(start.map(([x]) => x)) || 1);
  start.forEach(([x, y], i) => (places[i] as number[]).splice(0, 2, x * scale, y * scale));
  for (let step = 0; step < stepCount; step++) {
    if (step % 10 === 0) {
      await setImmediate(); // so that Ctrl-C is heard
      signal?.throwIfAborted();
      progress(step / stepCount);
    }
    embedding.step();
  }
  return places.map(([x = 0, y = 0]): Place => [x, y]);
}

/** Of values around zero. */
function deviationOf(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
