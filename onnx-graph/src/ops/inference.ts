/** Every operator we know and how its results follow from its inputs: used when a model is read or a graph rewritten. */
import { convolutionInference } from './convolution.js';
import { elementwiseInference } from './elementwise.js';
import type { Inference, InferenceTable } from './emit.js';
import { layoutInference } from './layout.js';
import { matmulFamilyInference } from './matmul.js';
import { reduceInference } from './reduce.js';
import { resampleInference } from './resample.js';

const table: InferenceTable = {
  ...elementwiseInference,
  ...layoutInference,
  ...reduceInference,
  ...matmulFamilyInference,
  ...convolutionInference,
  ...resampleInference,
};

/** Names of all operators with inference rows. */
export const knownOperators: readonly string[] = Object.keys(table);

/** The inference row of an operator. Throws for operators outside our set. */
export function inferenceOf(opType: string): Inference {
  // Own rows only: a model may name an operator `constructor`.
  const row = Object.hasOwn(table, opType) ? table[opType] : undefined;
  if (!row) throw new Error(`operator ${opType} is not known; known: ${knownOperators.join(', ')}`);
  return row;
}
