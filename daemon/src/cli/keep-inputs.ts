/** The guard of commands that read pictures and write pictures: none of them may replace what it reads. */
import path from 'node:path';
import { usageError } from './failure.js';

/** @throws CommandError `usage` when an output is one of the inputs, by absolute path. */
export function keepInputs(inputs: readonly string[], outputs: readonly string[]): void {
  const read = new Map(inputs.map((input) => [path.resolve(input), input]));
  for (const output of outputs) {
    const input = read.get(path.resolve(output));
    if (input !== undefined) throw usageError(`will not write ${output}: it is the input ${input}`);
  }
}
