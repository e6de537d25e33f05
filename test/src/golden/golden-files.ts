/**
 * Access to the reference fixtures: arrays and checkpoints computed once with the public reference code.
 *
 * The set is looked for in the folder named by DELTASPACE_GOLDEN, then in `../shared/golden` beside the repository, then in
 * the small part committed under `test/fixtures/golden`. A case that none of them holds is skipped by name, never silently.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { readNpy } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { readTorchZip, type TorchValue } from './torch-reader.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Folders that may hold fixtures, in order of preference. */
export const goldenFolders: readonly string[] = [
  ...(process.env['DELTASPACE_GOLDEN'] === undefined ? [] : [path.resolve(process.env['DELTASPACE_GOLDEN'])]),
  path.join(repository, '..', 'shared', 'golden'),
  path.join(repository, 'test', 'fixtures', 'golden'),
];

/** A file of a case, as the manifest describes it; `path` is relative to the case here. */
export interface GoldenFile {
  readonly path: string;
  readonly meaning: string;
  /** What a reader should do with a malformed file. */
  readonly expect?: string;
}

/** One fixture case: its configuration from the manifest, and its files. */
export interface GoldenCase {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tolerance: Readonly<Record<string, unknown>>;
  /** Files as the manifest lists them. */
  readonly files: readonly GoldenFile[];
  npy(file: string): Tensor;
  json(file: string): unknown;
  torch(file: string): TorchValue;
  bytes(file: string): Uint8Array;
}

/** The case with this id, or null when no fixture folder holds it. */
export function goldenCase(id: string): GoldenCase | null {
  for (const folder of goldenFolders) {
    const manifest = path.join(folder, 'manifest.json');
    if (!existsSync(manifest) || !existsSync(path.join(folder, id))) continue;
    const { cases } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      cases: Pick<GoldenCase, 'id' | 'config' | 'tolerance' | 'files'>[];
    };
    const entry = cases.find((candidate) => candidate.id === id);
    if (entry === undefined) continue;
    const bytes = (file: string): Uint8Array => new Uint8Array(readFileSync(path.join(folder, id, file)));
    return {
      id,
      config: entry.config,
      tolerance: entry.tolerance,
      files: entry.files.map((file) => ({ ...file, path: path.posix.relative(id, file.path) })),
      bytes,
      npy: (file) => readNpy(bytes(file)),
      json: (file) => JSON.parse(new TextDecoder().decode(bytes(file))) as unknown,
      torch: (file) => readTorchZip(bytes(file)),
    };
  }
  return null;
}

/** A float tensor's values. */
export function floats(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new Error(`expected float32, got ${tensor.dtype}`);
  return tensor.data;
}

/** Largest absolute difference; infinite when lengths differ or a value is not finite. */
export function maxAbsDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs((actual[i] as number) - (expected[i] as number));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
  }
  return worst;
}

/** The path of the case's file whose path matches. Throws when there is none: names may carry a parameter of the case. */
export function pathLike(golden: GoldenCase, pattern: RegExp): string {
  const found = golden.files.find(({ path }) => pattern.test(path));
  if (found === undefined) throw new Error(`case ${golden.id} has no file like ${String(pattern)}`);
  return found.path;
}

/** The numbers that the manifest's description of a file gives for `pattern`, one for every group. */
export function numbersInMeaning(golden: GoldenCase, file: string, pattern: RegExp): number[] {
  const meaning = golden.files.find(({ path }) => path === file)?.meaning ?? '';
  const match = pattern.exec(meaning);
  if (match === null) throw new Error(`case ${golden.id}, ${file}: "${meaning}" does not match ${String(pattern)}`);
  return match.slice(1).map(Number);
}

/** Rows [from, to) of the first axis. */
export function rows(tensor: Tensor, from: number, to: number): Tensor {
  const width = tensor.shape.slice(1).reduce((product, axis) => product * axis, 1);
  return {
    ...tensor,
    shape: [to - from, ...tensor.shape.slice(1)],
    data: floats(tensor).slice(from * width, to * width),
  };
}
