/**
 * Reading a pack folder. Everything is verified before anything is used: manifest schema, sizes, digests, tensor files, and
 * that every component's weights are exactly the ones its architecture asks for. Only regular files are opened.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tensor } from '@deltaspace/onnx-graph';
import { float16ToFloat32 } from '../formats/float16.js';
import { readSafetensors } from '../formats/safetensors.js';
import { styleLayout, type StyleLayout } from '../networks/style-layout.js';
import { asList, asObject, asText } from './checks.js';
import { componentParameters } from './build-network.js';
import { checkManifest, maxManifestBytes, type ComponentName, type PackFile, type PackManifest } from './manifest.js';
import { PackError } from './pack-error.js';
import { statisticsFromTensors, type PackStatistics } from './statistics.js';

/** A verified pack in memory. Half-precision weights have been widened to float32. */
export interface Pack {
  readonly directory: string;
  readonly manifest: PackManifest;
  /** sha256 of pack.json, hexadecimal: identifies the pack with all its files. */
  readonly digest: string;
  readonly layout: StyleLayout;
  readonly weights: ReadonlyMap<ComponentName, ReadonlyMap<string, Tensor>>;
  readonly statistics: PackStatistics;
  /** Words of the text tower; word i has token id i + 1. */
  readonly words: readonly string[];
}

/** Loads and verifies the pack in a folder. Throws PackError `pack_missing` or `pack_damaged`. */
export async function loadPack(directory: string): Promise<Pack> {
  const { manifest, bytes: manifestBytes } = await readManifest(directory);
  const contents = new Map<string, Uint8Array>();
  for (const file of manifest.files) contents.set(file.path, await readVerified(directory, file));
  const layout = styleLayout(manifest.components.generator.config);

  const weights = new Map<ComponentName, ReadonlyMap<string, Tensor>>();
  for (const [name, component] of Object.entries(manifest.components)) {
    const tensors = tensorsOf(contents, component.weights);
    checkWeights(manifest, name as ComponentName, tensors);
    weights.set(name as ComponentName, tensors);
  }
  const embedDim = manifest.components['clip-image'].config.embedDim;
  return {
    directory,
    manifest,
    digest: sha256(manifestBytes),
    layout,
    weights,
    statistics: statisticsFromTensors(tensorsOf(contents, manifest.statistics), layout.styleWidth, embedDim),
    words: wordsOf(contents.get(manifest.text.vocabulary) as Uint8Array, manifest),
  };
}

/** Reads and checks pack.json. Throws PackError `pack_missing` or `pack_damaged`. */
export async function readManifest(directory: string): Promise<{ manifest: PackManifest; bytes: Uint8Array }> {
  const bytes = await readRegularFile(directory, 'pack.json', maxManifestBytes);
  return { manifest: checkManifest(parseJson(bytes, 'pack.json')), bytes };
}

/** Checks what one file of a pack holds against what the networks need. Throws PackError `pack_damaged`. */
export function checkContent(manifest: PackManifest, file: string, bytes: Uint8Array): void {
  const contents = new Map([[file, bytes]]);
  for (const [name, { weights }] of Object.entries(manifest.components))
    if (weights === file) checkWeights(manifest, name as ComponentName, tensorsOf(contents, file));
  if (file === manifest.text.vocabulary) wordsOf(bytes, manifest);
  if (file !== manifest.statistics) return;
  const { styleWidth } = styleLayout(manifest.components.generator.config);
  statisticsFromTensors(tensorsOf(contents, file), styleWidth, manifest.components['clip-image'].config.embedDim);
}

/** sha256 of bytes as lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readRegularFile(directory: string, file: string, maxBytes: number): Promise<Uint8Array> {
  const location = path.join(directory, file);
  try {
    const status = await lstat(location);
    if (!status.isFile()) throw new PackError('pack_damaged', `${file} is not a regular file`);
    if (status.size > maxBytes)
      throw new PackError('pack_damaged', `${file} has ${status.size} bytes, expected at most ${maxBytes}`);
    return await readFile(location);
  } catch (cause) {
    if (cause instanceof PackError) throw cause;
    const code = file === 'pack.json' ? 'pack_missing' : 'pack_damaged';
    throw new PackError(code, `cannot read ${file} of the pack in ${directory}`, { cause });
  }
}

async function readVerified(directory: string, file: PackFile): Promise<Uint8Array> {
  const bytes = await readRegularFile(directory, file.path, file.sizeBytes);
  if (bytes.byteLength !== file.sizeBytes) {
    throw new PackError(
      'pack_damaged',
      `${file.path} has ${bytes.byteLength} bytes, the manifest says ${file.sizeBytes}`,
    );
  }
  if (sha256(bytes) !== file.sha256)
    throw new PackError('pack_damaged', `${file.path} does not have the digest in the manifest`);
  return bytes;
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new PackError('pack_damaged', `${file} is not JSON`, { cause });
  }
}

function tensorsOf(contents: ReadonlyMap<string, Uint8Array>, file: string): Map<string, Tensor> {
  try {
    const { tensors } = readSafetensors(contents.get(file) as Uint8Array);
    return new Map([...tensors].map(([name, tensor]) => [name, widened(tensor)]));
  } catch (cause) {
    throw new PackError('pack_damaged', `${file}: ${(cause as Error).message}`, { cause });
  }
}

function widened(tensor: Tensor): Tensor {
  if (tensor.dtype !== 'float16') return tensor;
  return { dtype: 'float32', shape: tensor.shape, data: float16ToFloat32(tensor.data as Uint16Array) };
}

function checkWeights(manifest: PackManifest, name: ComponentName, tensors: ReadonlyMap<string, Tensor>): void {
  const expected = componentParameters(manifest.components, name);
  for (const { name: parameter, shape } of expected) {
    const found = tensors.get(parameter);
    if (found === undefined) throw new PackError('pack_damaged', `${name}: weight ${parameter} is missing`);
    if (found.dtype !== 'float32' || found.shape.join() !== shape.join()) {
      throw new PackError('pack_damaged', `${name}: weight ${parameter} is not a float tensor [${shape.join(', ')}]`);
    }
  }
  if (tensors.size !== expected.length)
    throw new PackError('pack_damaged', `${name}: the weights file holds unknown tensors`);
}

function wordsOf(bytes: Uint8Array, manifest: PackManifest): string[] {
  const file = manifest.text.vocabulary;
  const words = asList(asObject(parseJson(bytes, file), file)['words'], `${file}: words`, 1_000_000, (word, at) =>
    asText(word, at, /\S/),
  );
  const size = manifest.components['clip-text'].config.vocabularySize;
  if (words.length + 1 !== size)
    throw new PackError('pack_damaged', `${file} has ${words.length} words, the text tower ${size - 1}`);
  if (new Set(words).size !== words.length) throw new PackError('pack_damaged', `${file} lists a word twice`);
  return words;
}
