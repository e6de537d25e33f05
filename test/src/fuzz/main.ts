/**
 * `npm run fuzz -- [SECONDS] [TARGET]`: changes inputs at random, keeps those that reach new code, and writes them to the corpus,
 * which the tests replay. Ends with 1 and the input when a reader has a defect.
 *
 * Our own few lines instead of a fuzzer from outside: those that there are for Node bring native code that does not load on every
 * system we build on.
 */
import { seededUniform } from '@deltaspace/onnx-graph/testing';
import { readCorpus, writeCorpus } from './corpus.js';
import { Coverage } from './coverage.js';
import { mutate } from './mutate.js';
import { complaintAbout, fuzzTargets, type FuzzTarget } from './targets.js';

const seconds = Number(process.argv[2] ?? 30);
const chosen = Object.entries(fuzzTargets).filter(
  ([name]) => process.argv[3] === undefined || name === process.argv[3],
);
for (const [name, target] of chosen) fuzz(name, target, seconds / chosen.length);

function fuzz(name: string, target: FuzzTarget, forSeconds: number): void {
  const coverage = new Coverage(/\/(shared-protocol|onnx-graph|models)\/dist\//);
  const kept: Uint8Array[] = [];
  const attempt = (input: Uint8Array): void => {
    let complaint: string | null = null;
    if (coverage.isNew(() => (complaint = complaintAbout(target, input)))) kept.push(input);
    if (complaint === null) return;
    console.log(`${name}: ${Buffer.from(input).toString('base64')}\n${complaint as string}`);
    process.exit(1);
  };
  for (const input of [...target.seeds(), ...readCorpus(name)]) attempt(input);
  const chance = seededUniform(Date.now() % 2 ** 31);
  const any = (): Uint8Array => kept[Math.floor(chance() * kept.length)] as Uint8Array;
  const end = performance.now() + forSeconds * 1000;
  let tried = 0;
  for (; performance.now() < end; tried++) attempt(mutate(any(), any(), chance));
  writeCorpus(name, kept);
  console.log(`${name}: ${tried} inputs tried, ${kept.length} kept`);
}
