/**
 * The networks of one pack, run over many items at once: what evaluations are made of. Rows in, rows out; batching and
 * padding of the last batch happen here.
 */
import { buildNetwork, createTokenizer, type Pack } from '@deltaspace/models';
import { sizeOf, type DType, type Tensor } from '@deltaspace/onnx-graph';
import { meanUnitFeature, promptsFor, unit } from '../deltaedit/index.js';
import { createRunner, type Runner } from '../runtime/index.js';

/** Items per run. */
const batch = 32;

/** Rows of one width, one after another. */
export interface Rows {
  readonly count: number;
  readonly width: number;
  readonly data: Float32Array;
}

export function rowOf(rows: Rows, index: number): Float32Array {
  return rows.data.subarray(index * rows.width, (index + 1) * rows.width);
}

export function rowsFrom(items: readonly Float32Array[]): Rows {
  const width = items[0]?.length ?? 0;
  const data = new Float32Array(items.length * width);
  items.forEach((item, index) => data.set(item, index * width));
  return { count: items.length, width, data };
}

export class PackNetworks {
  private readonly runners = new Map<string, Promise<Runner>>();
  private readonly prompts = new Map<string, Float32Array>();

  constructor(
    readonly pack: Pack,
    private readonly threads?: number,
  ) {}

  /** Runs a network over rows; every input has the same count. Returns the named output as rows. */
  async run(name: string, inputs: Readonly<Record<string, Rows>>, output: string): Promise<Rows> {
    const runner = await this.runner(name);
    const count = Object.values(inputs)[0]?.count ?? 0;
    let result: Rows | undefined;
    for (let start = 0; start < count; start += batch) {
      const feeds = Object.fromEntries(
        runner.inputs.map((input): [string, Tensor] => {
          const rows = inputs[input.name];
          if (!rows) throw new Error(`network ${name} needs ${input.name}`);
          return [input.name, batchTensor(rows, start, input.shape, input.dtype)];
        }),
      );
      const tensor = (await runner.run(feeds))[output];
      if (!tensor) throw new Error(`network ${name} has no output ${output}`);
      const width = sizeOf(tensor.shape.slice(1));
      result ??= { count, width, data: new Float32Array(count * width) };
      const filled = Math.min(batch, count - start);
      result.data.set((tensor.data as Float32Array).subarray(0, filled * width), start * width);
    }
    if (!result) throw new Error(`network ${name} was given no rows`);
    return result;
  }

  /** Style codes of images `[N, 3·R·R]`. */
  async invert(images: Rows): Promise<Rows> {
    return this.run('affine', { wplus: await this.run('inverter', { image: images }, 'wplus') }, 's');
  }

  decode(styles: Rows): Promise<Rows> {
    return this.run('synthesis', { s: styles }, 'image');
  }

  /** Unit image embeddings. */
  async embedImages(images: Rows): Promise<Rows> {
    return unitRows(await this.run('clip-image', { image: clamped(images) }, 'features'));
  }

  /** Unit embeddings of texts as they stand, without templates. */
  async embedTexts(texts: readonly string[]): Promise<Rows> {
    const { contextLength } = this.pack.manifest.components['clip-text'].config;
    const encode = createTokenizer(this.pack.words, contextLength);
    const ids = rowsFrom(texts.map((text) => Float32Array.from(encode(text).ids, Number)));
    return unitRows(await this.run('clip-text', { ids }, 'features'));
  }

  /** Unit embedding of a text, averaged over the pack's templates. */
  async embedPrompt(text: string): Promise<Float32Array> {
    const known = this.prompts.get(text);
    if (known) return known;
    const rows = await this.embedTexts(promptsFor(text, this.pack.manifest.text.templates));
    const embedding = meanUnitFeature(rows.data, rows.width);
    this.prompts.set(text, embedding);
    return embedding;
  }

  async dispose(): Promise<void> {
    for (const runner of this.runners.values()) await (await runner).dispose();
    this.runners.clear();
  }

  private runner(name: string): Promise<Runner> {
    const known = this.runners.get(name);
    if (known) return known;
    const options = this.threads === undefined ? {} : { threads: this.threads };
    const fresh = createRunner(buildNetwork(this.pack, name, batch), options);
    this.runners.set(name, fresh);
    return fresh;
  }
}

/** Rows start … start + batch − 1, padded with zeros, as a tensor of the input's shape. */
function batchTensor(rows: Rows, start: number, shape: readonly number[], dtype: DType): Tensor {
  const values = new Float32Array(batch * rows.width);
  values.set(rows.data.subarray(start * rows.width, Math.min(start + batch, rows.count) * rows.width));
  const data = dtype === 'int64' ? BigInt64Array.from(values, (value) => BigInt(value)) : values;
  return { dtype, shape, data };
}

function unitRows(rows: Rows): Rows {
  return rowsFrom(Array.from({ length: rows.count }, (_, index) => unit(rowOf(rows, index))));
}

/** Images clamped to [-1, 1], as a file of them would hold. */
export function clamped(images: Rows): Rows {
  return { ...images, data: images.data.map((value) => Math.max(-1, Math.min(1, value))) };
}
