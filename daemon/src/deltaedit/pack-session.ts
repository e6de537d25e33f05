/**
 * One pack ready to run: its networks as loaded models, built on first use and kept, with typed calls for each.
 *
 * Models have fixed batch sizes. Mappers run in powers of two up to `largestBatch`, where a batch costs little more than one; the
 * text tower takes all prompts of a text at once; pictures go one by one, which is as fast and lets runs overlap.
 */
import { buildGraph, createTokenizer, type EncodedText, type Pack } from '@deltaspace/models';
import { countFlops, serializeModel, type Graph, type Tensor } from '@deltaspace/onnx-graph';
import type { Runner } from '../runtime/index.js';
import { attributeTable, type AttributeTable, type KnownPhrase } from './attribute-table.js';
import { awaitedLater } from './awaited-later.js';
import { EditError } from './edit-error.js';
import { meanUnitFeature, promptsFor } from './text-direction.js';
import { unit } from './vectors.js';

/** Loads a model from ONNX bytes; `flops` says how many operations one run of it is, which decides where it runs. */
export type MakeRunner = (model: Uint8Array, flops: number) => Promise<Runner>;

/** The latent code of an image and everything an edit of it starts from. All for batch 1. */
export interface Inversion {
  /** [1, rows, styleDim]. */
  readonly wPlus: Tensor;
  /** [1, S]. */
  readonly s: Tensor;
  /** toRGB styles [1, RGB]; null when they are part of s. */
  readonly rgb: Tensor | null;
  /** Raw CLIP feature of the image, [D]. */
  readonly imageFeature: Float32Array;
  /** What the generator makes of the unedited code: planes [3, R, R]. On its way, as only pictures wait for it. */
  readonly reconstruction: Promise<Float32Array>;
}

/** A code ready to be decoded: styles [S], and the toRGB styles [1, RGB] where the pack keeps them apart. */
export interface StyleCode {
  readonly s: Float32Array;
  readonly rgb: Tensor | null;
}

/** A text as the method uses it. */
export interface TextEmbedding {
  /** Unit embedding [D]. */
  readonly embedding: Float32Array;
  readonly unknownWords: readonly string[];
  /** False when the pack knows none of the words: the embedding then says nothing about the text. */
  readonly meaningful: boolean;
}

/** Networks that predict a change of the code. */
export type MapperName = 'mapper' | 'straightforward-mapper';

/** Largest batch that `runNetwork` accepts. */
export const maxRunBatch = 256;
/** Conditions mapped in one run: more gains nothing, and cancelling waits for the run. */
const largestBatch = 16;

export class PackSession {
  /** Milliseconds in which at least one network ran, since the last call of `takeNetworkMs`. */
  private networkMs = 0;
  private computing = 0;
  private computingSinceMs = 0;
  private readonly runners = new Map<string, Promise<Runner>>();
  /** Bytes of loaded models, by the same keys: each as often as a thread has it. */
  private readonly bytes = new Map<string, number>();
  private running = 0;
  private readonly encode: (text: string) => EncodedText;
  private table: Promise<AttributeTable | null> | undefined;

  constructor(
    readonly pack: Pack,
    private readonly makeRunner: MakeRunner,
    /** Called when a network was loaded to stay. */
    private readonly networkLoaded: () => void = () => undefined,
  ) {
    this.encode = createTokenizer(pack.words, pack.manifest.components['clip-text'].config.contextLength);
  }

  /** Inverts one network image, planes [3, R, R] in [-1, 1]. */
  async invert(planes: Float32Array): Promise<Inversion> {
    const image = this.imageTensor(planes);
    const [wPlus, imageFeature] = await Promise.all([
      this.run('inverter', { image }).then((results) => only(results, 'wplus')),
      this.run('clip-image', { image }).then((results) => floats(only(results, 'features'))),
    ]);
    const { s, rgb } = await this.stylesOf(wPlus);
    const reconstruction = awaitedLater(this.generate({ s, rgb }));
    return { wPlus, s: { dtype: 'float32', shape: [1, s.length], data: s }, rgb, imageFeature, reconstruction };
  }

  /** Styles of a W+ code [1, rows, styleDim]. */
  async stylesOf(wPlus: Tensor): Promise<StyleCode> {
    const styles = await this.run('affine', { wplus: wPlus });
    return { s: floats(only(styles, 's')), rgb: styles['rgb'] ?? null };
  }

  /**
   * Decodes a style code: planes [3, R, R], not clamped. Throws EditError when a value is not finite. Several codes are decoded
   * by several calls: a batch is no faster, and calls run side by side where the runners do.
   */
  async generate({ s, rgb }: StyleCode): Promise<Float32Array> {
    const results = await this.run('synthesis', { s: stacked([s]), ...(rgb === null ? {} : { rgb }) });
    const planes = floats(only(results, 'image'));
    if (!isFinitePlane(planes)) throw new EditError('edit_failed', 'the generator returned values that are not finite');
    return planes;
  }

  /** Predicts Δŝ [S] of one code for several conditions [2D] (DeltaEdit, Eq. 4). */
  mapStyles(mapper: MapperName, s: Tensor, conditions: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.runMany(mapper, 'delta', conditions.length, (from, to) => ({
      s: stacked(Array.from({ length: to - from }, () => floats(s))),
      condition: stacked(conditions.slice(from, to)),
    }));
  }

  /** Predicts the change of one W+ code [rows · styleDim] for several conditions [2D]: the baseline of Fig. 19. */
  mapWPlus(wPlus: Tensor, conditions: readonly Float32Array[]): Promise<Float32Array[]> {
    return this.runMany('wplus-mapper', 'delta', conditions.length, (from, to) => {
      const rows = stacked(Array.from({ length: to - from }, () => floats(wPlus)));
      return {
        wplus: { ...rows, shape: [to - from, ...wPlus.shape.slice(1)] },
        condition: stacked(conditions.slice(from, to)),
      };
    });
  }

  /** Unit CLIP embedding [D] of a network image, planes [3, R, R]; values are clamped to [-1, 1]. */
  async embedImage(planes: Float32Array): Promise<Float32Array> {
    const results = await this.run('clip-image', { image: this.imageTensor(clamped(planes)) });
    return unit(floats(only(results, 'features')));
  }

  /** Embeds a text through the pack's prompt templates. */
  async embedText(text: string): Promise<TextEmbedding> {
    return { embedding: await this.textFeature(text), ...this.wordsOf(text) };
  }

  /** What the pack knows of a text, without running a network. */
  wordsOf(text: string): Omit<TextEmbedding, 'embedding'> {
    const own = this.encode(text);
    return { unknownWords: own.unknownWords, meaningful: own.ids.some((id) => id !== 0n) };
  }

  /** Unit embedding [D] of a text, averaged over the pack's prompt templates. */
  async textFeature(text: string): Promise<Float32Array> {
    const { templates } = this.pack.manifest.text;
    const { contextLength } = this.pack.manifest.components['clip-text'].config;
    const ids = new BigInt64Array(templates.length * contextLength);
    promptsFor(text, templates).forEach((prompt, i) => ids.set(this.encode(prompt).ids, i * contextLength));
    const shape = [templates.length, contextLength];
    const features = floats(
      only(await this.run('clip-text', { ids: { dtype: 'int64', shape, data: ids } }, templates.length), 'features'),
    );
    return meanUnitFeature(features, features.length / templates.length);
  }

  /** The pack's attributes with embedded phrases, made once; null when it lists none. */
  attributeTable(): Promise<AttributeTable | null> {
    this.table ??= this.embedAttributes();
    this.table.catch(() => (this.table = undefined)); // the caller gets the error; a later call may try again
    return this.table;
  }

  /** Whether the pack has a network. */
  has(component: MapperName | 'wplus-mapper'): boolean {
    return this.pack.manifest.components[component] !== undefined;
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
    const runner = await this.makeRunner(...modelOf(buildGraph(this.pack, name, batch)));
    try {
      return new Map(Object.entries(await runner.run(Object.fromEntries(inputs))));
    } finally {
      await runner.dispose();
    }
  }

  /** Milliseconds in which at least one network ran, since this was last asked. */
  takeNetworkMs(): number {
    const spent = this.networkMs;
    this.networkMs = 0;
    return spent;
  }

  /** Bytes of the models that are loaded, over all threads that have them. */
  get loadedBytes(): number {
    return [...this.bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Whether a network runs or is being loaded. */
  get isRunning(): boolean {
    return this.running > 0;
  }

  /** Frees all loaded models; the next use loads them again. */
  async release(): Promise<void> {
    const loading = [...this.runners.values()];
    this.runners.clear();
    this.bytes.clear();
    for (const runner of await Promise.allSettled(loading)) {
      if (runner.status === 'fulfilled') await runner.value.dispose();
    }
  }

  /** Frees everything. */
  async dispose(): Promise<void> {
    await this.release();
  }

  private async embedAttributes(): Promise<AttributeTable | null> {
    const { text, domain } = this.pack.manifest;
    if (text.attributes === undefined) return null;
    const known = text.attributes.flatMap(({ name: attribute, values }) =>
      values.map(({ value, phrase }) => ({ attribute, value, phrase })),
    );
    const phrases: KnownPhrase[] = await Promise.all(
      known.map(async (one) => ({ ...one, embedding: (await this.embedText(one.phrase)).embedding })),
    );
    return attributeTable(text.attributes, phrases, (await this.embedText(domain)).embedding);
  }

  private imageTensor(planes: Float32Array): Tensor {
    const side = this.pack.manifest.resolution;
    return { dtype: 'float32', shape: [1, 3, side, side], data: planes };
  }

  /** Runs a network over `count` items in batches of powers of two; `feed` gives the inputs of items from … to − 1. */
  private async runMany(
    name: string,
    output: string,
    count: number,
    feed: (from: number, to: number) => Readonly<Record<string, Tensor>>,
  ): Promise<Float32Array[]> {
    const items: Float32Array[] = [];
    for (let from = 0; from < count;) {
      const batch = Math.min(largestBatch, 2 ** Math.floor(Math.log2(count - from)));
      const result = floats(only(await this.run(name, feed(from, from + batch), batch), output));
      const width = result.length / batch;
      for (let i = 0; i < batch; i++) items.push(result.subarray(i * width, (i + 1) * width));
      from += batch;
    }
    return items;
  }

  private async run(name: string, feeds: Readonly<Record<string, Tensor>>, batch = 1): Promise<Record<string, Tensor>> {
    this.running++;
    try {
      return await this.compute(await this.runnerOf(name, batch), feeds);
    } finally {
      this.running--;
    }
  }

  /** Runs a loaded network, and counts the time in which any of them runs. */
  private async compute(runner: Runner, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    if (this.computing++ === 0) this.computingSinceMs = performance.now();
    try {
      return await runner.run(feeds);
    } finally {
      if (--this.computing === 0) this.networkMs += performance.now() - this.computingSinceMs;
    }
  }

  private runnerOf(name: string, batch: number): Promise<Runner> {
    const key = `${name}@${batch}`;
    const known = this.runners.get(key);
    if (known !== undefined) return known;
    const [model, flops] = modelOf(buildGraph(this.pack, name, batch));
    const sizeBytes = model.byteLength; // the runner takes the bytes over
    const runner = this.makeRunner(model, flops);
    this.runners.set(key, runner);
    const takeNote = ({ copies = 1 }: Runner): void => {
      if (this.runners.get(key) !== runner) return; // released meanwhile
      this.bytes.set(key, sizeBytes * copies);
      this.networkLoaded();
    };
    runner.then(takeNote, () => this.runners.delete(key)); // the caller gets the error; a later call may try again
    return runner;
  }
}

/** Bytes of a network, and the operations of one run. */
function modelOf(graph: Graph): [model: Uint8Array, flops: number] {
  return [serializeModel(graph), countFlops(graph)];
}

/** Whether all values are finite: anything else minus itself is not 0. */
function isFinitePlane(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if ((values[i] as number) - (values[i] as number) !== 0) return false;
  return true;
}

/** Network planes within [-1, 1], as a copy. */
function clamped(planes: Float32Array): Float32Array {
  const result = new Float32Array(planes.length);
  for (let i = 0; i < planes.length; i++) result[i] = Math.min(1, Math.max(-1, planes[i] as number));
  return result;
}

/** Vectors of one length as [N, length]. */
function stacked(vectors: readonly Float32Array[]): Tensor {
  const width = vectors[0]?.length ?? 0;
  if (vectors.length === 1) return { dtype: 'float32', shape: [1, width], data: vectors[0] as Float32Array };
  const data = new Float32Array(vectors.length * width);
  vectors.forEach((vector, i) => data.set(vector, i * width));
  return { dtype: 'float32', shape: [vectors.length, width], data };
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
