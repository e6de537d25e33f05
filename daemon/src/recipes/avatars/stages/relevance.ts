/**
 * The stage that makes R_s `[S, D]`, by regression over the training pictures' codes and embeddings (see
 * deltaedit/relevance-matrix.ts): the paper's perturbation of one channel at a time needs thousands of renders, and was no better in a
 * prototype at 64 px; the two were not compared again at 128.
 */
import { relevanceByRegression } from '../../../deltaedit/index.js';
import type { Tensor } from '@deltaspace/onnx-graph';
import { embedDim, relevanceSettings } from '../settings.js';
import type { StageResult, Workspace } from '../workspace.js';
import { loadCodes, styleWidth } from './codes.js';

export async function computeRelevance(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('relevance');
  if (done) return done;
  const { singles, statistics } = await loadCodes(workspace);
  const data = relevanceByRegression({ ...singles, mean: statistics.mean, std: statistics.std }, styleWidth, embedDim);
  const relevance: Tensor = { dtype: 'float32', shape: [styleWidth, embedDim], data };
  return workspace.finish('relevance', {
    weights: new Map([['relevance', relevance]]),
    facts: { ...relevanceSettings },
  });
}
