/**
 * One pack ready to run: its networks as loaded models, built on first use and kept, with typed calls for each.
 *
 * Batch sizes are fixed per model: 1 everywhere, except the text tower, which takes all prompts of a text at once.
 */
import { buildNetwork, createTokenizer, type EncodedText, type Pack } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import type { Runner } from '../runtime/index.js';
import { EditError } from './edit-error.js';
import { meanUnitFeature, promptsFor } from './text-direction.js';

/** Loads a model from ONNX bytes. */
export type MakeRunner = (model: Uint8Array) => Promise<Runner>;

/** The latent code of an image and everything an edit of it starts from. All for batch 1. */
export interface Inversion {
  readonly wPlus: Tensor;
  readonly s: Tensor;
  /** toRGB styles; null when they are part of s. */
  readonly rgb: Tensor | null;
  /** Raw CLIP feature of the image, [D]. */
  readonly imageFeature: Float32Array;
  /** What the generator makes of the unedited code: planes [3, R, R]. */
  readonly reconstruction: Float32Array;
}

/** A text as the method uses it. */
export interface TextEmbedding {
  /** Unit embedding [D]. */
  readonly embedding: Float32Array;
  readonly unknownWords: readonly string[];
  /** False when the pack knows none of the words: the embedding then says nothing about the text. */
  readonly meaningful: boolean;
}

/** Largest batch that `runNetwork` accepts. */
export const maxRunBatch = 256;

export class PackSession {
  /** Milliseconds spent inside network runs since the last call of `takeNetworkMs`. */
  private networkMs = 0;
  private readonly runners = new Map<string, Promise<Runner>>();
  private readonly encode: (text: string) => EncodedText;

  constructor(
    readonly pack: Pack,
    private readonly makeRunner: MakeRunner,
  ) {
    this.encode = createTokenizer(pack.words, pack.manifest.components['clip-text'].config.contextLength);
  }

  /** Inverts one network image, planes [3, R, R] in [-1, 1]. */
  async invert(planes: Float32Array): Promise<Inversion> {
    const side = this.pack.manifest.resolution;
    const image: Tensor = { dtype: 'float32', shape: [1, 3, side, side], data: planes };
    const wPlus = only(await this.run('inverter', { image }), 'wplus');
    const styles = await this.run('affine', { wplus: wPlus });
    const s = only(styles, 's');
    const rgb = styles['rgb'] ?? null;
    const imageFeature = floats(only(await this.run('clip-image', { image }), 'features'));
    return { wPlus, s, rgb, imageFeature, reconstruction: await this.generate(floats(s), rgb) };
  }

  /** Decodes a style code [S] with the toRGB styles of the original: planes [3, R, R], not clamped. */
  async generate(s: Float32Array, rgb: Tensor | null): Promise<Float32Array> {
    const style: Tensor = { dtype: 'float32', shape: [1, s.length], data: s };
    const image = floats(only(await this.run('synthesis', { s: style, ...(rgb === null ? {} : { rgb }) }), 'image'));
    if (!image.every(Number.isFinite))
      throw new EditError('edit_failed', 'the generator returned values that are not finite');
    return image;
  }

  /** Predicts Δŝ [S] (DeltaEdit, Eq. 4). */
  async map(mapper: 'mapper' | 'straightforward-mapper', s: Tensor, condition: Float32Array): Promise<Float32Array> {
    const input: Tensor = { dtype: 'float32', shape: [1, condition.length], data: condition };
    return floats(only(await this.run(mapper, { s, condition: input }), 'delta'));
  }

  /** Embeds a text through the pack's prompt templates. */
  async embedText(text: string): Promise<TextEmbedding> {
    const { templates } = this.pack.manifest.text;
    const { contextLength } = this.pack.manifest.components['clip-text'].config;
    const ids = new BigInt64Array(templates.length * contextLength);
    promptsFor(text, templates).forEach((prompt, i) => ids.set(this.encode(prompt).ids, i * contextLength));
    const shape = [templates.length, contextLength];
    const features = floats(
      only(await this.run('clip-text', { ids: { dtype: 'int64', shape, data: ids } }, templates.length), 'features'),
    );
    const own = this.encode(text);
    return {
      embedding: meanUnitFeature(features, features.length / templates.length),
      unknownWords: own.unknownWords,
      meaningful: own.ids.some((id) => id !== 0n),
    };
  }

  /** Runs any network of the pack by name; the batch is that of the inputs. Models for batches above 1 are not kept. */
  async runNetwork(name: string, inputs: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
    const batch = [...inputs.values()][0]?.shape[0] ?? 1;
    if (!Number.isInteger(batch) || batch < 1 || batch > maxRunBatch) {
      throw new EditError(
        'tensor_invalid',
        `the first axis of the inputs is the batch, 1 to ${maxRunBatch}; got ${batch}`,
      );
    }
    if (batch === 1) return new Map(Object.entries(await this.run(name, Object.fromEntries(inputs))));
    const runner = await this.makeRunner(buildNetwork(this.pack, name, batch));
    try {
      return new Map(Object.entries(await runner.run(Object.fromEntries(inputs))));
    } finally {
      await runner.dispose();
    }
  }

  /** Milliseconds spent inside network runs since this was last asked. */
  takeNetworkMs(): number {
    const spent = this.networkMs;
    this.networkMs = 0;
    return spent;
  }

  /** Frees all loaded models. */
  async dispose(): Promise<void> {
    const loading = [...this.runners.values()];
    this.runners.clear();
    for (const runner of await Promise.allSettled(loading)) {
      if (runner.status === 'fulfilled') await runner.value.dispose();
    }
  }

  private async run(name: string, feeds: Readonly<Record<string, Tensor>>, batch = 1): Promise<Record<string, Tensor>> {
    const key = `${name}@${batch}`;
    let runner = this.runners.get(key);
    if (runner === undefined) {
      runner = this.makeRunner(buildNetwork(this.pack, name, batch));
      this.runners.set(key, runner);
      runner.catch(() => this.runners.delete(key)); // the caller below gets the error; a later call may try again
    }
    const loaded = await runner;
    const start = performance.now();
    const results = await loaded.run(feeds);
    this.networkMs += performance.now() - start;
    return results;
  }
}

function only(results: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const tensor = results[name];
  if (tensor === undefined)
    throw new Error(`network returned no ${name}; it returned ${Object.keys(results).join(', ')}`);
  return tensor;
}

function floats(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new Error(`expected float32 from a network, got ${tensor.dtype}`);
  return tensor.data;
}
