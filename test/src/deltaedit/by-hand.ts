/** The method's steps taken one by one with an engine's networks: what its edits are compared with. */
import {
  applyDelta,
  channelRelevance,
  composeEdit,
  editCondition,
  globalDirection,
  meanUnitFeature,
  promptsFor,
  straightforwardCondition,
  thresholdMask,
  toNetworkImage,
  unit,
  type EditMethod,
  type PixelImage,
} from '@deltaspace/daemon';
import { createTokenizer, type Pack } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { hooks, type TinyEngine } from './tiny-engine.js';

/** What an edit goes by: Δ and the unit embedding of the target, both [D], and τ. */
export interface HandDirection {
  delta: Float32Array;
  target: Float32Array;
  threshold: number;
}

/** One pack of an engine, its networks called one at a time. */
export class ByHand {
  constructor(
    private readonly engine: TinyEngine['engine'],
    readonly pack: Pack,
  ) {}

  /** Unit embedding [D] of a layer. */
  async imageEmbedding(image: PixelImage): Promise<Float32Array> {
    const side = this.pack.manifest.resolution;
    const planes: Tensor = { dtype: 'float32', shape: [1, 3, side, side], data: toNetworkImage(image, side) };
    return unit(floats(await this.run('clip-image', { image: planes }, 'features')));
  }

  /** Unit embedding [D] of a text, averaged over the pack's templates. */
  async textEmbedding(text: string): Promise<Float32Array> {
    const { contextLength, embedDim } = this.pack.manifest.components['clip-text'].config;
    const encode = createTokenizer(this.pack.words, contextLength);
    const prompts = promptsFor(text, this.pack.manifest.text.templates);
    const data = BigInt64Array.from(prompts.flatMap((prompt) => [...encode(prompt).ids]));
    const ids: Tensor = { dtype: 'int64', shape: [prompts.length, contextLength], data };
    return meanUnitFeature(floats(await this.run('clip-text', { ids }, 'features')), embedDim);
  }

  /** The picture that a method makes of a direction with strength 1. */
  async edit(layer: PixelImage, method: EditMethod, direction: HandDirection): Promise<PixelImage> {
    const { latent } = await this.engine.invert(this.pack.manifest.id, layer, hooks);
    const [wplus, s] = [latent.get('wplus') as Tensor, latent.get('s') as Tensor];
    const rgb = latent.get('rgb');
    const embedding = await this.imageEmbedding(layer);
    const edited =
      method === 'wplus'
        ? await this.movedInWPlus(wplus, embedding, direction)
        : { s: row(await this.movedInS(s, embedding, method, direction)), rgb };
    const { resolution } = this.pack.manifest;
    return composeEdit(layer, await this.decode(edited), await this.decode({ s, rgb }), resolution);
  }

  private async movedInWPlus(wplus: Tensor, embedding: Float32Array, { delta }: HandDirection) {
    const condition = row(editCondition(embedding, delta));
    const change = floats(await this.run('wplus-mapper', { wplus, condition }, 'delta'));
    const moved = { wplus: { ...wplus, data: floats(wplus).map((value, i) => value + change[i]!) } };
    const apart = this.pack.layout.rgbWidth > 0;
    return { s: await this.run('affine', moved, 's'), rgb: apart ? await this.run('affine', moved, 'rgb') : undefined };
  }

  private async movedInS(
    s: Tensor,
    embedding: Float32Array,
    method: Exclude<EditMethod, 'wplus'>,
    { delta, target, threshold }: HandDirection,
  ): Promise<Float32Array> {
    const { relevance, styleStd } = this.pack.statistics;
    const open = new Uint8Array(styleStd.length).fill(1);
    if (method === 'styleclip-gd')
      return applyDelta(floats(s), globalDirection(relevance, delta, styleStd, threshold).direction, open, 1);
    const straight = method === 'straightforward';
    const condition = row(straight ? straightforwardCondition(embedding, target) : editCondition(embedding, delta));
    const change = await this.run(straight ? 'straightforward-mapper' : 'mapper', { s, condition }, 'delta');
    const mask = straight ? open : thresholdMask(channelRelevance(relevance, delta), threshold);
    return applyDelta(floats(s), floats(change), mask, 1);
  }

  private async decode({ s, rgb }: { s: Tensor; rgb: Tensor | undefined }): Promise<Float32Array> {
    return floats(await this.run('synthesis', { s, ...(rgb === undefined ? {} : { rgb }) }, 'image'));
  }

  private async run(network: string, inputs: Record<string, Tensor>, output: string): Promise<Tensor> {
    const results = await this.engine.runNetwork(this.pack.manifest.id, network, new Map(Object.entries(inputs)));
    return results.get(output) as Tensor;
  }
}

const floats = (tensor: Tensor): Float32Array => tensor.data as Float32Array;
const row = (data: Float32Array): Tensor => ({ dtype: 'float32', shape: [1, data.length], data });
